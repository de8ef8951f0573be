export type Level = 'ok' | 'warn' | 'fail'

/** One thing that was looked at. */
export interface Finding {
  /** What was looked for, e.g. `broker-clock`; stays the same. */
  look: string
  /** At what: an address, a session. */
  about?: string
  level: Level
  /** A sentence: what is so, and where it is not well, what to do. */
  says: string
}

/** Writes findings down. */
export interface Notes {
  ok(look: string, says: string): void
  warn(look: string, says: string): void
  fail(look: string, says: string): void
  /** The same notes, about something. */
  about(what: string): Notes
}

export function createNotes(findings: Finding[], about?: string): Notes {
  const note = (level: Level) => (look: string, says: string) =>
    void findings.push({ look, ...(about !== undefined && { about }), level, says })
  return {
    ok: note('ok'),
    warn: note('warn'),
    fail: note('fail'),
    about: (what) => createNotes(findings, what),
  }
}
