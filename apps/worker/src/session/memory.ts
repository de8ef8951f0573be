/** What is remembered of one session in one Chrome, through Chrome's restarts. */
export interface Memory {
  /** The generation that was applied a second time, since the broker found it alive and this Chrome did not. */
  appliedAgain?: number | undefined
  /** The generation that did not work here even so. */
  notAccepted?: number | undefined
}
