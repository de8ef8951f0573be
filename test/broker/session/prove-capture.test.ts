import t from 'tap'
import { type SiteLook, SiteUnreachableError } from '../../../apps/broker/src/session/ports/site-look.ts'
import { proveCapture } from '../../../apps/broker/src/session/prove-capture.ts'
import { createCheckTrial } from '../../../apps/broker/src/session/try-check.ts'
import { defineSession } from './define-session.ts'

const state = { userAgent: 'by hand', cookies: [], origins: [] }
const url = 'https://shop.example/account'
const check = { url, expect: { status: 200 }, in: 'http' } as const
const signal = new AbortController().signal

/** @param members what whoever brings a state is answered */
function siteThat({ members, strangers }: { members: number; strangers: number }): SiteLook {
  return async ({ state: shown }) => ({
    sighting: { status: shown ? members : strangers, finalUrl: url, body: '' },
    ...(shown && { state: { ...shown, userAgent: 'as the site left it' } }),
  })
}

function prove(look: SiteLook, definition = defineSession({ check })) {
  return proveCapture({ look, tryCheck: createCheckTrial(look) }, { definition, state, signal })
}

t.test('what the configured check takes for signed in is proved, as the site left it', async (t) => {
  const content = await prove(siteThat({ members: 200, strangers: 401 }))
  t.same(content, { state: { ...state, userAgent: 'as the site left it' }, check })
})

t.test('what it takes for signed out, or cannot judge, is not', async (t) => {
  await t.rejects(prove(siteThat({ members: 403, strangers: 401 })), { code: 'state_not_signed_in' })
  await t.rejects(prove(siteThat({ members: 503, strangers: 401 })), { code: 'check_unclear' })
})

t.test('a check that strangers pass proves nothing', async (t) => {
  await t.rejects(prove(siteThat({ members: 200, strangers: 200 })), { code: 'login_misconfigured' })
})

t.test('without a check, one is found on the start page of the sign-in’s host', async (t) => {
  const { check: derived } = await prove(siteThat({ members: 200, strangers: 401 }), defineSession())
  t.match(derived, { url: 'https://shop.example/', expect: { status: 200 } })
  await t.rejects(prove(siteThat({ members: 200, strangers: 200 }), defineSession()), {
    code: 'state_not_signed_in',
  })
  const away: SiteLook = () => Promise.reject(new SiteUnreachableError('away'))
  await t.rejects(prove(away, defineSession()), { code: 'check_unclear' })
})
