/**
 * One line of what a sign-in saw and did. Nothing that was typed or granted stands in it: names of fields and buttons may, and
 * what the site said, with such things blotted out.
 */
export interface TrailStep {
  /** Since the sign-in began. */
  atMs: number
  /** Origin and path of the page. */
  url: string
  /** `read`: what the page wanted. `did`: what was done about it. `said`: the site's new lines in answer. */
  what: 'read' | 'did' | 'said'
  text: string
}

/** What is left of a sign-in that failed, fit to be kept: nothing that was typed or granted stands in it. */
export interface LoginTraces {
  steps: readonly TrailStep[]
  /** e.g. `Chromium 156.0.8078.108`; left out where it never started. */
  browser?: string
  /** Where it stood at the end, origin and path; left out where it never came to a page. */
  url?: string
  /** What could be read there, at most 2,000 characters. */
  text?: string
  /** A PNG of it; left out where none could be taken. */
  picture?: Uint8Array
  /** Blots such things out of another text. */
  clean(text: string): string
}
