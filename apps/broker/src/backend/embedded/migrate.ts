import type { DatabaseSync } from 'node:sqlite'
import { ProblemError } from '@session-broker/shared'
import { inTransaction } from './in-transaction.ts'

/** Each brings the database from its place in this list to the next; what was released is never changed. */
const migrations = [
  `
  CREATE TABLE session (
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    -- What follows is null where the state was forgotten; the counter above stays.
    revision INTEGER,
    mark TEXT,
    obtained_at_ms INTEGER,
    verdict TEXT,
    checked_at_ms INTEGER,
    operation_id TEXT,
    sealed TEXT,
    PRIMARY KEY (account, name)
  ) STRICT;

  CREATE TABLE login (
    account TEXT PRIMARY KEY,
    fence INTEGER NOT NULL,
    session TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    phase TEXT NOT NULL,
    started_at_ms INTEGER NOT NULL,
    permit_ends_at_ms INTEGER,
    ended_at_ms INTEGER,
    failure_class TEXT,
    failure_detail TEXT
  ) STRICT;

  CREATE TABLE operation (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    record TEXT NOT NULL,
    expires_at_ms INTEGER NOT NULL,
    PRIMARY KEY (account, id)
  ) STRICT;
  CREATE INDEX operation_expiry ON operation (expires_at_ms);

  CREATE TABLE worker_report (
    account TEXT NOT NULL,
    session TEXT NOT NULL,
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    reported_at_ms INTEGER NOT NULL,
    PRIMARY KEY (account, session, id)
  ) STRICT;
  `,
  `
  ALTER TABLE session ADD COLUMN alive_at_ms INTEGER;
  ALTER TABLE session ADD COLUMN rotates INTEGER NOT NULL DEFAULT 0;
  -- A JSON array, newest first.
  ALTER TABLE session ADD COLUMN lifetimes_ms TEXT NOT NULL DEFAULT '[]';

  CREATE TABLE submission (
    account TEXT NOT NULL,
    fence INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (account, fence)
  ) STRICT;

  -- What keeps an account from its next login; no row where nothing does.
  CREATE TABLE restraint (
    account TEXT PRIMARY KEY,
    failures_in_row INTEGER NOT NULL,
    next_try_at_ms INTEGER NOT NULL,
    breaker_class TEXT,
    breaker_since_ms INTEGER,
    breaker_tag TEXT
  ) STRICT;
  `,
  `
  -- When people were asked; what they are asked now lives in memory.
  CREATE TABLE challenged (
    account TEXT NOT NULL,
    id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (account, id)
  ) STRICT;

  -- The newest one-time code that may have been sent, by the number of its window.
  CREATE TABLE code (
    account TEXT PRIMARY KEY,
    window INTEGER NOT NULL
  ) STRICT;
  `,
  `
  -- When the revision was published; a generation is published when it was obtained.
  ALTER TABLE session ADD COLUMN published_at_ms INTEGER;

  -- The newest version of which it is known how long it took to a worker's Chrome.
  ALTER TABLE worker_report ADD COLUMN timed_generation INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE worker_report ADD COLUMN timed_revision INTEGER NOT NULL DEFAULT 0;
  `,
]

/** @throws ProblemError `store_unavailable` when a newer broker has written the database. */
export function migrate(db: DatabaseSync): void {
  // The first write also takes the lock, on a database that is new as on one that is not.
  inTransaction(db, () => {
    const version = Number(db.prepare('PRAGMA user_version').get()?.user_version)
    if (version > migrations.length) {
      throw new ProblemError(
        'store_unavailable',
        'the data folder was written by a newer broker: start that version, or give this one a folder of its own',
      )
    }
    for (const migration of migrations.slice(version)) db.exec(migration)
    db.exec(`PRAGMA user_version = ${migrations.length}`)
  })
}
