import { verdictSchema } from '@session-broker/shared'
import { z } from 'zod'
import type { SessionPlace, StoredSession } from '../../session/ports/session-store.ts'
import type { SealedState } from '../../session/ports/state-sealer.ts'
import type { Step } from './step.ts'

const sessionRow = z.object({
  generation: z.int(),
  revision: z.int().nullable(),
  mark: z.string().nullable(),
  obtained_at_ms: z.int().nullable(),
  verdict: verdictSchema.nullable(),
  checked_at_ms: z.int().nullable(),
  alive_at_ms: z.int().nullable(),
  published_at_ms: z.int().nullable(),
  operation_id: z.string().nullable(),
  sealed: z.string().nullable(),
  rotates: z.int(),
  lifetimes_ms: z.string().transform((text) => z.array(z.int()).parse(JSON.parse(text))),
})

export interface KnownSession {
  /** 0 where there never was one. */
  generation: number
  stored?: StoredSession
  rotates: boolean
  lifetimesMs: readonly number[]
}

export function findSession({ db }: Step, { account, session }: SessionPlace): KnownSession {
  const found = db.prepare('SELECT * FROM session WHERE account = ? AND name = ?').get(account, session)
  if (!found) return { generation: 0, rotates: false, lifetimesMs: [] }
  const { generation, rotates, lifetimes_ms, ...row } = sessionRow.parse(found)
  const known = { generation, rotates: rotates === 1, lifetimesMs: lifetimes_ms }
  if (row.sealed === null) return known
  const publishedAtMs = (row.revision ? row.published_at_ms : row.obtained_at_ms) ?? undefined
  const stored = {
    generation,
    revision: row.revision ?? 0,
    mark: row.mark ?? '',
    obtainedAtMs: row.obtained_at_ms ?? 0,
    verdict: row.verdict ?? 'unclear',
    checkedAtMs: row.checked_at_ms ?? 0,
    aliveAtMs: row.alive_at_ms ?? row.obtained_at_ms ?? 0,
    ...(publishedAtMs !== undefined && { publishedAtMs }),
    operationId: row.operation_id ?? '',
    sealed: row.sealed as SealedState,
  }
  return { ...known, stored }
}

export function saveSession(
  { db }: Step,
  { account, session }: SessionPlace,
  { stored, rotates, lifetimesMs }: KnownSession & { stored: StoredSession },
): void {
  db.prepare(
    `INSERT OR REPLACE INTO session
      (account, name, generation, revision, mark, obtained_at_ms, published_at_ms, verdict, checked_at_ms, alive_at_ms,
        operation_id, sealed, rotates, lifetimes_ms)
      VALUES (:account, :session, :generation, :revision, :mark, :obtainedAtMs, :publishedAtMs, :verdict, :checkedAtMs,
        :aliveAtMs, :operationId, :sealed, :rotates, :lifetimesMs)`,
  ).run({
    ...{ account, session, ...stored },
    publishedAtMs: stored.publishedAtMs ?? null,
    rotates: Number(rotates),
    lifetimesMs: JSON.stringify(lifetimesMs),
  })
}
