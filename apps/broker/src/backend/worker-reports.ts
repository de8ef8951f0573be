/** A worker that has not reported for so long is gone. */
export const keptReportsMs = 24 * 60 * 60 * 1000
