import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import {
  type ChallengeBoard,
  type ChallengeOpening,
  mostAnswers,
} from '../../../apps/broker/src/session/ports/challenge-board.ts'
import type { SealedNote } from '../../../apps/broker/src/session/ports/note-sealer.ts'
import type { SessionPlace, SessionStore } from '../../../apps/broker/src/session/ports/session-store.ts'
import { beginPermitted, newPlace, publication, reportOf, type StoreUnderTest } from './store-steps.ts'

/** What a login and a person can tell each other, and when no more. */
export const challengeParts = [asking, talking, ending, codes]

const note = (text: string) => text as SealedNote

function openingOf(fence: number, part: Partial<ChallengeOpening> = {}): ChallengeOpening {
  return {
    ...{ id: randomUUID(), fence, kind: 'code', prompt: note('prompt'), expiresInMs: 60_000, perDay: 3 },
    ...part,
  }
}

async function open(
  store: SessionStore & ChallengeBoard,
  place: SessionPlace,
  part: Partial<ChallengeOpening> = {},
) {
  const login = await beginPermitted(store, place)
  const opening = openingOf(login.fence, part)
  const answer = await store.openChallenge(place, opening)
  if (answer !== 'opened') throw new Error(answer)
  return { ...login, ...opening }
}

async function asking(t: Test, { store, replica, passTime }: StoreUnderTest) {
  await t.test('a challenge is seen from every replica, and told', async (t) => {
    const place = newPlace()
    const told: unknown[] = []
    const unwatch = replica.watch((session) => told.push(session))
    const { id } = await open(store, place)
    t.match(await replica.readChallenge(place, 0), { id, kind: 'code', prompt: 'prompt', pictureNumber: 0 })
    const { challenge, challengedAtMs } = await replica.read(place)
    t.match(challenge, { id, kind: 'code' })
    t.equal((challenge?.expiresAtMs ?? 0) - (challenge?.openedAtMs ?? 0), 60_000)
    t.equal(challengedAtMs.length, 1)
    unwatch()
    t.ok(told.includes(place.session))
  })

  await t.test('it belongs to its session, not to another of the account', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place)
    const billing = { ...place, session: 'billing' }
    t.equal(await replica.readChallenge(billing, 0), undefined)
    t.equal((await replica.read(billing)).challenge, undefined)
    t.equal(await replica.giveAnswer(billing, { id, answer: note('a') }), 'absent')
  })

  await t.test('a day has so many, whatever becomes of them', async (t) => {
    const place = newPlace()
    const { fence } = await beginPermitted(store, place)
    for (let count = 0; count < 2; count++) {
      const opening = openingOf(fence, { perDay: 2 })
      t.equal(await store.openChallenge(place, opening), 'opened')
      t.equal(await store.openChallenge(place, opening), 'opened', 'once more, since an answer was lost')
      await store.closeChallenge(place, opening.id)
    }
    t.equal(await store.openChallenge(place, openingOf(fence, { perDay: 2 })), 'budget_spent')
    t.equal((await replica.read(place)).challengedAtMs.length, 2)
  })

  await t.test('only the newest login asks, while it runs', async (t) => {
    const place = newPlace()
    const { fence } = await beginPermitted(store, place)
    t.equal(await store.openChallenge(place, openingOf(fence - 1)), 'fenced')
    await store.failLogin(place, reportOf(fence))
    t.equal(await store.openChallenge(place, openingOf(fence)), 'fenced')
  })

  await t.test('it ends with its time', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place, { expiresInMs: 200 })
    await passTime(300)
    t.equal(await replica.readChallenge(place, 0), undefined)
    t.equal((await replica.read(place)).challenge, undefined)
    t.equal(await replica.giveAnswer(place, { id, answer: note('late') }), 'absent')
  })
}

async function talking(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('answers come once, in their order', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place)
    t.same(await store.takeAnswers(place, id), [])
    for (const text of ['one', 'two', 'three']) {
      t.equal(await replica.giveAnswer(place, { id, answer: note(text) }), 'given')
    }
    t.same(await store.takeAnswers(place, id), ['one', 'two', 'three'])
    t.same(await store.takeAnswers(place, id), [])
    t.equal(await replica.giveAnswer(place, { id: 'another', answer: note('x') }), 'absent')
  })

  await t.test('those that nobody takes do not grow without end', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place)
    const give = () => replica.giveAnswer(place, { id, answer: note('x') })
    for (let count = 0; count < mostAnswers; count++) await give()
    t.equal(await give(), 'full')
    await store.takeAnswers(place, id)
    t.equal(await give(), 'given')
  })

  await t.test('the newest picture is handed out to whoever has not got it', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place)
    t.equal(await store.showPicture(place, { id, picture: note('first') }), true)
    t.equal(await store.showPicture(place, { id, picture: note('second') }), true)
    t.match(await replica.readChallenge(place, 1), { pictureNumber: 2, picture: 'second' })
    const known = await replica.readChallenge(place, 2)
    t.match(known, { pictureNumber: 2 })
    t.notOk(known && 'picture' in known)
    t.equal(await store.showPicture(place, { id: 'another', picture: note('x') }), false)
  })
}

async function ending(t: Test, { store, replica, passTime }: StoreUnderTest) {
  const isOver = async (t: Test, place: SessionPlace, id: string) => {
    t.equal(await replica.readChallenge(place, 0), undefined)
    t.equal((await replica.read(place)).challenge, undefined)
    t.equal(await replica.giveAnswer(place, { id, answer: note('x') }), 'absent')
    t.same(await store.takeAnswers(place, id), [])
    t.equal(await store.showPicture(place, { id, picture: note('x') }), false)
  }

  await t.test('when it is closed', async (t) => {
    const place = newPlace()
    const { id } = await open(store, place)
    await store.closeChallenge(place, 'another')
    t.match(await replica.readChallenge(place, 0), { id }, 'not by another name')
    await store.closeChallenge(place, id)
    await isOver(t, place, id)
  })

  await t.test('with the login that asked: published, failed, given up', async (t) => {
    const published = newPlace()
    const first = await open(store, published)
    await store.commitLogin(published, { ...first, ...publication() })
    await isOver(t, published, first.id)
    const failed = newPlace()
    const second = await open(store, failed)
    await store.failLogin(failed, reportOf(second.fence))
    await isOver(t, failed, second.id)
    const givenUp = newPlace()
    const third = await open(store, givenUp)
    await store.abandonLogin(givenUp, third)
    await isOver(t, givenUp, third.id)
  })

  await t.test('when the permit is over: its broker has died', async (t) => {
    const place = newPlace()
    const login = await beginPermitted(store, place, { durationMs: 150 })
    const opening = openingOf(login.fence)
    await store.openChallenge(place, opening)
    t.match(await replica.readChallenge(place, 0), { id: opening.id })
    await passTime(200)
    await isOver(t, place, opening.id)
  })

  await t.test('when another login has begun: its person talks to nobody else', async (t) => {
    const place = newPlace()
    const login = await beginPermitted(store, place, { durationMs: 1 })
    const opening = openingOf(login.fence)
    await store.openChallenge(place, opening)
    await new Promise((done) => setTimeout(done, 10))
    await replica.giveAnswer(place, { id: opening.id, answer: note('for the first') })
    await beginPermitted(replica, place)
    await isOver(t, place, opening.id)
  })
}

async function codes(t: Test, { store, replica }: StoreUnderTest) {
  await t.test('a one-time code is claimed once, whoever asks first', async (t) => {
    const place = newPlace()
    const claims = await Promise.all(
      [1, 2, 3, 4].map((at) => (at % 2 ? store : replica).claimCode(place, 57_000_000)),
    )
    t.same(claims.filter(Boolean), [true])
    t.equal(await replica.claimCode(place, 56_999_999), false, 'nor an older one')
    t.equal(
      await replica.claimCode({ ...place, session: 'billing' }, 57_000_000),
      false,
      'of the same account',
    )
    t.equal(await store.claimCode(place, 57_000_001), true)
    t.equal(await store.claimCode(newPlace(), 57_000_000), true, 'another account has its own')
  })
}
