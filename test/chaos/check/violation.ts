export const rules = [
  'stale_overwrite',
  'published_twice',
  'unknown_state',
  'read_went_back',
  'commit_lost',
  'permit_overlap',
  'site_overlap',
  'submitted_without_permit',
  'submitted_late',
  'over_budget',
  'untrue_refresh',
] as const

export interface Violation {
  rule: (typeof rules)[number]
  /** The session or the account. */
  where: string
  what: string
}
