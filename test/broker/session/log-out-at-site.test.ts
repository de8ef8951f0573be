import { recipeSchema, type Sighting } from '@session-broker/shared'
import t from 'tap'
import { createLogOut } from '../../../apps/broker/src/session/log-out-at-site.ts'
import type { LogOutJob, LogOutPress } from '../../../apps/broker/src/session/ports/site-log-out.ts'
import { SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'
import { defineSession } from './define-session.ts'

const job: LogOutJob = {
  definition: defineSession({ recipe: recipeSchema.parse({}) }),
  state: { userAgent: 'a browser', cookies: [], origins: [] },
  check: { url: 'https://shop.example/me', in: 'http', expect: { status: 200 } },
  signal: new AbortController().signal,
}

/** A site that answers one look after the other with these statuses; 0: not at all. */
function logOutAt(statuses: number[], press: LogOutPress = async () => ({ pressed: true })) {
  let presses = 0
  const logOut = createLogOut({
    press(pressed) {
      presses++
      return press(pressed)
    },
    async look({ url, state }) {
      const status = statuses.shift() ?? 200
      if (status === 0) throw new SiteUnreachableError('away')
      const sighting: Sighting = { status, finalUrl: url, body: '' }
      return state ? { sighting, state: { ...state, userAgent: `${state.userAgent}, looked` } } : { sighting }
    },
  })
  return { logOut, presses: () => presses }
}

t.test('it is believed when the check says so of the state as it was given out', async (t) => {
  const { logOut, presses } = logOutAt([200, 401], async ({ state }) => {
    t.equal(state.userAgent, 'a browser, looked', 'with what the site changed in it last')
    return { pressed: true }
  })
  t.same(await logOut(job), { loggedOut: true })
  t.equal(presses(), 1)
})

t.test('a session that is dead already is not logged out again', async (t) => {
  const { logOut, presses } = logOutAt([401])
  t.same(await logOut(job), { loggedOut: true })
  t.equal(presses(), 0)
})

t.test('a site that forgets it in that browser alone has not logged out', async (t) => {
  t.match(await logOutAt([200, 200]).logOut(job), { loggedOut: false, detail: /still takes the session/ })
})

t.test('a site that does not tell is no yes', async (t) => {
  t.match(await logOutAt([200, 0]).logOut(job), { loggedOut: false, detail: /does not tell/ })
})

t.test('where nothing could be pressed, why is handed on', async (t) => {
  const { logOut } = logOutAt([200], async () => ({ pressed: false, detail: 'there is no button' }))
  t.match(await logOut(job), {
    ...{ loggedOut: false, detail: 'there is no button' },
    state: { userAgent: 'a browser, looked' },
  })
})
