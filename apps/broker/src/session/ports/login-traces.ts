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
