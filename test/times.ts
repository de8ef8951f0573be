/** How often a test repeats what shows more the more often it is done: `count`, or `TEST_TIMES` times as often. */
export const times = (count: number): number => count * Number(process.env.TEST_TIMES ?? 1)
