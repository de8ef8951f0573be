/** One row of what is measured. */
export interface BenchRow {
  what: string
  against: string
  /** By how much ours has to be as good; 1 is as good. */
  goal: number
  ratio: number
  details: string
}

export type Bench = (length: BenchLength) => Promise<BenchRow>

export interface BenchLength {
  rounds: number
  seconds: number
}
