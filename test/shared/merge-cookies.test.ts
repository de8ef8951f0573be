import { type Cookie, cookieIdentity, mergeCookies } from '@session-broker/shared'
import fc from 'fast-check'
import t from 'tap'

const nowSeconds = 1_800_000_000
const soon = nowSeconds + 3600

const plain: Cookie = {
  ...{ name: 'sid', value: '1', domain: '.shop.example', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: true },
}
const sid = (value: string, part: Partial<Cookie> = {}): Cookie => ({ ...plain, value, ...part })

function merge(
  base: readonly Cookie[],
  mine: readonly Cookie[],
  theirs: readonly Cookie[],
  seen?: readonly Cookie[],
): Cookie[] {
  const of = (cookies: readonly Cookie[]) => ({ generation: 7, cookies })
  return mergeCookies({ base: of(base), mine, theirs: of(theirs), seen, nowSeconds })
}

/** Few names and places, so that the three have much in common. */
const cookie: fc.Arbitrary<Cookie> = fc.record({
  name: fc.constantFrom('sid', 'csrf'),
  value: fc.constantFrom('1', '2', '3'),
  domain: fc.constantFrom('.shop.example', 'shop.example'),
  path: fc.constantFrom('/', '/account'),
  expires: fc.constantFrom(-1, soon, soon + 60, nowSeconds - 1),
  httpOnly: fc.boolean(),
  secure: fc.constant(true),
  priority: fc.constantFrom('Low', 'Medium'),
  sourceScheme: fc.constant('Secure'),
  sourcePort: fc.constant(443),
})
const partition = fc.constantFrom(
  {},
  { partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: false },
  { partitionKey: 'https://shop.example', _crHasCrossSiteAncestor: true },
  { partitionKey: 'https://other.example', _crHasCrossSiteAncestor: false },
)
const cookies = fc.uniqueArray(
  fc.tuple(cookie, partition).map(([one, where]): Cookie => ({ ...one, ...where })),
  { selector: cookieIdentity, maxLength: 12 },
)

const live = (all: readonly Cookie[]) => all.filter(({ expires }) => expires < 0 || expires > nowSeconds)
const sorted = (all: readonly Cookie[]) =>
  Object.fromEntries(
    live(all)
      .map((one): [string, Cookie] => [cookieIdentity(one), one])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
const has = (all: readonly Cookie[], one: Cookie) =>
  live(all).find((other) => cookieIdentity(other) === cookieIdentity(one))

t.test('where nothing has changed here, all is as the others have it', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, (base, theirs) => {
      t.same(sorted(merge(base, base, theirs)), sorted(theirs))
    }),
  )
})

t.test('where nothing has changed there, all is as this browser has it', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, (base, mine) => {
      t.same(sorted(merge(base, mine, base)), sorted(mine))
    }),
  )
})

t.test('where both have come to the same, that is it', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, (base, both) => {
      t.same(sorted(merge(base, both, both)), sorted(both))
    }),
  )
})

t.test('each cookie is decided by itself: changed here as here, else as there', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, cookies, (base, mine, theirs) => {
      const merged = merge(base, mine, theirs)
      for (const one of [...base, ...mine, ...theirs]) {
        const [was, here, there] = [has(base, one), has(mine, one), has(theirs, one)]
        const isChangedHere = JSON.stringify(was) !== JSON.stringify(here)
        t.same(has(merged, one), isChangedHere ? here : there)
      }
    }),
  )
})

t.test('of two that have changed one differently the later counts', async (t) => {
  t.same(merge([sid('1')], [sid('2')], [sid('3')]), [sid('2')], 'changed since anybody has looked')
  t.same(merge([sid('1')], [sid('2')], [sid('3')], [sid('2')]), [sid('3')], 'seen before the other came')
  t.same(merge([sid('1')], [sid('4')], [sid('3')], [sid('2')]), [sid('4')], 'changed once more since')
  t.same(merge([sid('1')], [], [sid('3')], []), [sid('3')], 'seen to be gone before')
  t.same(merge([sid('1')], [sid('2')], [], [sid('2')]), [], 'deleted after it was seen')
  fc.assert(
    fc.property(cookies, cookies, cookies, cookies, (base, mine, theirs, seen) => {
      const merged = merge(base, mine, theirs, seen)
      for (const one of [...base, ...mine, ...theirs]) {
        const [was, here, there, before] = [base, mine, theirs, seen].map((all) =>
          JSON.stringify(has(all, one)),
        )
        const isTheirs = was === here || (before === here && was !== there)
        t.equal(JSON.stringify(has(merged, one)), isTheirs ? there : here)
      }
      t.same(sorted(merge(base, mine, base, seen)), sorted(mine), 'what nobody else has changed stays')
      t.same(sorted(merge(base, merged, theirs, seen)), sorted(merged))
    }),
  )
})

t.test('what was deleted stays so, on either side', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, (base, theirs) => {
      const gone = live(base)[0]
      if (!gone) return
      const without = (all: readonly Cookie[]) =>
        all.filter((one) => cookieIdentity(one) !== cookieIdentity(gone))
      t.equal(has(merge(base, without(base), theirs), gone), undefined, 'deleted here')
      t.equal(has(merge(base, base, without(theirs)), gone), undefined, 'deleted there')
    }),
  )
})

t.test('nothing is made up, nothing twice, and nothing that has expired is left', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, cookies, (base, mine, theirs) => {
      const merged = merge(base, mine, theirs)
      const texts = [...mine, ...theirs].map((one) => JSON.stringify(one))
      t.ok(merged.every((one) => texts.includes(JSON.stringify(one))))
      t.equal(new Set(merged.map(cookieIdentity)).size, merged.length)
      t.equal(live(merged).length, merged.length)
    }),
  )
})

t.test('merged once more with the same, it stays as it is', async (t) => {
  fc.assert(
    fc.property(cookies, cookies, cookies, (base, mine, theirs) => {
      const once = merge(base, mine, theirs)
      t.same(sorted(merge(base, once, theirs)), sorted(once))
      t.same(sorted(merge(theirs, once, theirs)), sorted(once), 'and as what is new to the others')
    }),
  )
})

t.test('partitions are cookies of their own', async (t) => {
  const top = sid('1', { partitionKey: 'https://a.example', _crHasCrossSiteAncestor: false })
  const below = sid('1', { partitionKey: 'https://a.example', _crHasCrossSiteAncestor: true })
  const base = [sid('1'), top, below]
  t.same(merge(base, [sid('1'), { ...top, value: '2' }, below], [sid('3'), top, { ...below, value: '4' }]), [
    sid('3'),
    { ...top, value: '2' },
    { ...below, value: '4' },
  ])
})

t.test('an attribute is a change like a value', async (t) => {
  const longer = sid('1', { expires: soon })
  t.same(merge([sid('1')], [longer], [sid('1')]), [longer])
  t.same(merge([sid('1')], [sid('1')], [sid('1', { sameSite: 'Lax' })]), [sid('1', { sameSite: 'Lax' })])
})

t.test('what only Chrome can know of a cookie is no change, and is kept', async (t) => {
  const held = sid('1', { priority: 'Medium', sourceScheme: 'Secure', sourcePort: 443 })
  t.same(merge([sid('1')], [held], [sid('1')]), [held])
  t.same(merge([sid('1')], [held], [sid('2')]), [sid('2')])
})

t.test('an end that Chrome has cut is no change', async (t) => {
  const day = 24 * 3600
  const asGiven = sid('1', { expires: nowSeconds + 1000 * day })
  const cut = sid('1', { expires: nowSeconds + 400 * day - 60 })
  t.same(merge([asGiven], [cut], [sid('2')]), [sid('2')])
  t.same(merge([asGiven], [sid('1', { expires: nowSeconds + 300 * day })], [sid('2')]), [
    sid('1', { expires: nowSeconds + 300 * day }),
  ])
})

t.test('expired is deleted', async (t) => {
  const expired = sid('1', { expires: nowSeconds })
  t.same(merge([sid('1')], [expired], [sid('1')]), [])
  t.same(merge([sid('1')], [sid('1')], [expired]), [])
})

t.test('another login’s cookies are never mixed in', async (t) => {
  const of = (generation: number) => ({ generation, cookies: [sid('1')] })
  t.throws(() => mergeCookies({ base: of(7), mine: [], theirs: of(8), nowSeconds }), RangeError)
})
