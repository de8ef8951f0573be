/** One row of what is measured. */
export interface BenchRow {
  what: string
  against: string
  /** Ours against the other, a ratio where no unit is given: at least so much where more is better, otherwise at most. */
  goal: number
  better: 'more' | 'less'
  ratio: number
  /** For a difference. */
  unit?: string
  details: string
}

export type Bench = (length: BenchLength) => Promise<BenchRow | BenchRow[]>

export interface BenchLength {
  rounds: number
  seconds: number
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
