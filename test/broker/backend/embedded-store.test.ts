import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import t, { type Test } from 'tap'
import { openEmbeddedStore } from '../../../apps/broker/src/backend/embedded/embedded-store.ts'
import { inTransaction } from '../../../apps/broker/src/backend/embedded/in-transaction.ts'
import { createStateSealer } from '../../../apps/broker/src/seal/state-sealer.ts'
import type { StateSealer } from '../../../apps/broker/src/session/ports/state-sealer.ts'
import { budget } from '../session/define-session.ts'
import { canary, canaryKey } from './canary.ts'
import { sessionStoreContract } from './session-store-contract.ts'
import { begin, logIn, newPlace, publication } from './store-steps.ts'

function newFolder(t: Test): string {
  const scratch = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
  t.teardown(() => rmSync(scratch, { recursive: true, force: true }))
  return join(scratch, 'data')
}

/** A process that has the store open, as store-holder.ts tells. */
async function startHolder(t: Test, folder: string): Promise<{ child: ChildProcess; said: unknown }> {
  const child = fork(join(import.meta.dirname, 'store-holder.ts'), [folder], {
    execArgv: ['--conditions=@session-broker/source', '--no-warnings'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [said] = await once(child, 'message')
  return { child, said }
}

async function killed(child: ChildProcess): Promise<void> {
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}

t.test('the embedded store', async (t) => {
  sessionStoreContract(t, async (t) => {
    let nowMs = 1_800_000_000_000
    const store = openEmbeddedStore({ folder: newFolder(t), now: () => nowMs++ })
    t.teardown(() => store.close())
    return {
      store,
      replica: store,
      async passTime(ms) {
        nowMs += ms
      },
    }
  })

  t.test('everything is there after it was closed and opened again', async (t) => {
    const folder = newFolder(t)
    const place = newPlace()
    const first = openEmbeddedStore({ folder })
    await logIn(first, place)
    const { fence } = await begin(first, place, { fromGeneration: 1 })
    await first.grantPermit(place, { fence, durationMs: 60_000, budget })
    const { nowMs: _, ...before } = await first.read(place)
    await first.close()
    await t.rejects(first.read(place), { code: 'store_unavailable' }, 'closed')

    const second = openEmbeddedStore({ folder })
    t.teardown(() => second.close())
    const { nowMs: __, ...after } = await second.read(place)
    t.same(after, before)
    t.match(await begin(second, place, { fromGeneration: 1 }).catch(String), /permit_outstanding/)
  })

  t.test('is for this user alone', async (t) => {
    const folder = newFolder(t)
    const store = openEmbeddedStore({ folder })
    t.teardown(() => store.close())
    await logIn(store, newPlace())
    t.equal(statSync(folder).mode & 0o777, 0o700)
    for (const file of readdirSync(folder)) t.equal(statSync(join(folder, file)).mode & 0o777, 0o600, file)
  })

  t.test('a commit that was acknowledged survives kill -9', async (t) => {
    const folder = newFolder(t)
    const { child, said } = await startHolder(t, folder)
    const { place, sealed } = said as { place: ReturnType<typeof newPlace>; sealed: string }
    await killed(child)
    const store = openEmbeddedStore({ folder })
    t.teardown(() => store.close())
    t.match(await store.read(place), { generation: 1, stored: { sealed }, attempt: { phase: 'committed' } })
  })

  t.test('a second broker is refused with one sentence, and the next one is not', async (t) => {
    const folder = newFolder(t)
    const { child } = await startHolder(t, folder)
    t.throws(() => openEmbeddedStore({ folder }), {
      code: 'store_unavailable',
      message: `the data folder ${folder} is in use by another broker: stop that one`,
    })
    await killed(child)
    const store = openEmbeddedStore({ folder })
    t.teardown(() => store.close())
    t.throws(
      () => openEmbeddedStore({ folder }),
      { code: 'store_unavailable' },
      'nor a second one in a process',
    )
    const { said } = await startHolder(t, folder)
    t.match(said, { code: 'store_unavailable' }, 'the refused ones took nothing from the first')
    await t.resolves(store.ping())
  })

  t.test('nothing of a secret can be read in its files', async (t) => {
    const folder = newFolder(t)
    const { child, said } = await startHolder(t, folder)
    await killed(child)
    const files = readdirSync(folder).map((file) => readFileSync(join(folder, file)))
    const all = Buffer.concat(files)
    const { place, sealed } = said as { place: ReturnType<typeof newPlace>; sealed: never }
    t.ok(all.includes(sealed), 'the sealed state is in them')
    t.notOk(all.includes(canary))
    const sealer: StateSealer = createStateSealer({ keys: [canaryKey] })
    const opened = sealer.unseal(sealed, { session: place.session, generation: 1, revision: 0 })
    t.equal(opened.state.cookies[0]?.value, canary, 'which the seal held')
  })

  t.test('refuses a folder that a newer version has written', async (t) => {
    const folder = newFolder(t)
    await openEmbeddedStore({ folder }).close()
    const db = new DatabaseSync(join(folder, 'broker.sqlite'))
    db.exec('PRAGMA user_version = 1000')
    db.close()
    t.throws(() => openEmbeddedStore({ folder }), { code: 'store_unavailable', message: /a newer broker/ })
  })

  t.test('takes over what a version has written that knew no times of publication', async (t) => {
    const folder = newFolder(t)
    const [generation, revised] = [newPlace(), newPlace()]
    const former = openEmbeddedStore({ folder })
    for (const place of [generation, revised]) await logIn(former, place)
    const change = { generation: 1, fromRevision: 0, verdict: 'signed_in', rotated: true } as const
    await former.writeRevision(revised, { ...change, ...publication() })
    await former.close()
    const db = new DatabaseSync(join(folder, 'broker.sqlite'))
    db.exec(`
      ALTER TABLE session DROP COLUMN published_at_ms;
      ALTER TABLE worker_report DROP COLUMN timed_generation;
      ALTER TABLE worker_report DROP COLUMN timed_revision;
      PRAGMA user_version = 3`)
    db.close()
    const store = openEmbeddedStore({ folder })
    t.teardown(() => store.close())
    const { stored } = await store.read(generation)
    t.equal(stored?.publishedAtMs, stored?.obtainedAtMs)
    t.equal((await store.read(revised)).stored?.publishedAtMs, undefined, 'of a revision nobody knows it')
    t.equal((await store.read(revised)).stored?.revision, 1)
  })

  t.test('says which folder it cannot use', async (t) => {
    const folder = join(import.meta.filename, 'data')
    t.throws(() => openEmbeddedStore({ folder }), {
      code: 'store_unavailable',
      message: `the data folder ${folder} cannot be used: ENOTDIR`,
    })
  })

  t.test('a step that fails midway leaves nothing of itself', async (t) => {
    const db = new DatabaseSync(':memory:')
    t.teardown(() => db.close())
    db.exec('CREATE TABLE note (text TEXT)')
    const half = () => {
      db.exec("INSERT INTO note VALUES ('half')")
      throw new Error('midway')
    }
    t.throws(() => inTransaction(db, half), { message: 'midway' })
    t.same(db.prepare('SELECT * FROM note').all(), [])
    inTransaction(db, () => db.exec("INSERT INTO note VALUES ('whole')"))
    t.equal(db.prepare('SELECT * FROM note').all().length, 1)
  })

  t.test('a write that fails changes nothing and says so', async (t) => {
    const folder = newFolder(t)
    const store = openEmbeddedStore({ folder })
    t.teardown(() => store.close())
    const place = newPlace()
    const login = await begin(store, place)
    const broken = { ...publication(), sealed: Symbol('no text') as never }
    await t.rejects(store.commitLogin(place, { ...login, ...broken }), { code: 'store_unavailable' })
    t.match(await store.read(place), { generation: 0, attempt: { phase: 'begun' } })
  })
})
