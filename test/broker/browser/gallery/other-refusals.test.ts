import type { Mood } from '@session-broker/stage/gallery'
import t from 'tap'
import { openDoorWalks, tell, type WalkOptions } from './walk-doors.ts'

// What doors do to a right password. Whatever it is, nobody is called signed in who is not; and what the site says is understood.
t.setTimeout(600_000)
const walkDoors = await openDoorWalks(t)
// What the last doors of one refusal wait for, those of the next need not.
t.jobs = 6

interface Refusal {
  title: string
  mood: NonNullable<WalkOptions['mood']>
  /** The classes that it may come to. */
  codes: RegExp
}

const refusals: Refusal[] = [
  {
    title: 'a locked account',
    mood: { is: 'locked', from: 'beginning' },
    codes: /^login_(?:locked|bad_credentials)$/,
  },
  {
    title: 'too many attempts',
    mood: { is: 'too_many', from: 'beginning' },
    codes: /^login_(?:locked|bad_credentials|timeout_after_submit|not_authenticated|unknown)$/,
  },
  {
    title: 'a captcha',
    mood: { is: 'captcha', from: 'beginning' },
    codes: /^login_(?:captcha|bad_credentials|timeout_after_submit)$/,
  },
  {
    title: 'an error of the site’s own',
    mood: { is: 'broken', from: 'password' },
    codes: /^login_(?:unknown|timeout_after_submit|not_authenticated)$/,
  },
  {
    title: 'a wrong code',
    mood: { is: 'codes_refused', from: 'beginning' },
    codes: /^login_(?:bad_credentials|challenge_timeout)$/,
  },
]

/** Of sixty doors that can be locked, every fourth: the others show their words in the same few ways. */
const isChosen = (mood: Mood) => {
  let seen = 0
  return (door: { moods: readonly Mood[] }) =>
    door.moods.includes(mood) && (mood !== 'locked' || seen++ % 4 === 0)
}

for (const { title, mood, codes } of refusals) {
  t.test(title, { buffered: true }, async (t) => {
    const walks = await walkDoors(t, { mood, at: isChosen(mood.is) })
    t.not(walks.length, 0)
    for (const { door, isIn, isCalledIn, problem } of walks) {
      t.match({ isIn, isCalledIn }, { isIn: false, isCalledIn: false }, door.name)
      t.match(problem?.code, codes, `${door.name}: ${problem?.message}`)
    }
    tell(t, walks)
  })
}

t.test('a site that goes down when the password is sent', { buffered: true }, async (t) => {
  const families =
    /^(?:plain-form|no-form|two-documents|oidc-consent|modal|totp-one-field|token-local-storage|stay-signed-in)$/
  const walks = await walkDoors(t, {
    mood: { is: 'down', from: 'password' },
    at: ({ name }) => families.test(name),
    loginTimeoutMs: 25_000,
  })
  for (const { door, isIn, isCalledIn, problem } of walks) {
    t.match({ isIn, isCalledIn }, { isIn: false, isCalledIn: false }, door.name)
    t.match(problem?.code, /^login_(?:unknown|timeout_after_submit|not_authenticated|site_down)$/, door.name)
  }
  tell(t, walks)
})
