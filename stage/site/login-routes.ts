import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCookies, setCookie } from './cookies.ts'
import { brokenPage, deadEndPage, formlessPage, type LoginForm, loginPage } from './pages.ts'
import { identify, type SiteContext, sidCookie } from './site-context.ts'

const yearMs = 365 * 24 * 3_600_000
const wrongPassword = 'The username or the password is not right.'
const lockedAccount = 'Your account has been locked. Please call us.'
const html = 'text/html; charset=utf-8'

/** The form, the post of it, and signing out. */
export function loginRoutes(app: FastifyInstance, site: SiteContext): void {
  // The form's hidden field has to fit the browser's cookie: a form posted from elsewhere is refused.
  const formSecret = randomBytes(16)
  const csrfFor = (cookie: string) =>
    createHash('sha256').update(formSecret).update(cookie).digest('base64url')

  function sendForm(request: FastifyRequest, reply: FastifyReply, form: Omit<LoginForm, 'csrf'> = {}) {
    const cookie = readCookies(request.headers.cookie).get('form') ?? randomBytes(16).toString('base64url')
    return reply
      .header('set-cookie', setCookie('form', cookie, { httpOnly: true, sameSite: 'Lax' }))
      .type(html)
      .send(loginPage({ captcha: site.personality().mode === 'captcha', ...form, csrf: csrfFor(cookie) }))
  }

  app.get('/login', (request, reply) => {
    if (identify(site, request, reply)) return reply.redirect('/')
    if (site.personality().mode === 'formless') return reply.type(html).send(formlessPage)
    site.counters.sawForm()
    return sendForm(request, reply)
  })

  app.post<{ Body: URLSearchParams }>('/login', async (request, reply) => {
    const form = request.body
    const username = form.get('username') ?? ''
    const dealtWith = site.counters.loginBegins(username)
    let isLetIn = false
    try {
      await sleep(site.personality().loginDelayMs, undefined, { signal: site.closing })
      const cookie = readCookies(request.headers.cookie).get('form') ?? ''
      if (form.get('csrf') !== csrfFor(cookie)) {
        reply.code(403)
        return sendForm(request, reply, { username, error: 'This form was too old. Please try again.' })
      }
      const isRight = site.accounts.has(username) && site.accounts.get(username) === form.get('password')
      const refusal = refuse(site, isRight)
      // As most sites do, this one says no with a 200 and the form.
      if (refusal === 'broken') return reply.code(500).type(html).send(brokenPage)
      if (refusal === 'dead_end') return reply.type(html).send(deadEndPage)
      if (refusal) return sendForm(request, reply, { username, ...refusal })
      isLetIn = true
      return letIn(site, reply, username, form.get('device') ?? '')
    } finally {
      dealtWith(isLetIn ? 'succeeded' : 'failed')
    }
  })

  app.post('/logout', (request, reply) => {
    site.sessions.end(readCookies(request.headers.cookie).get('sid'))
    return reply
      .header('set-cookie', setCookie('sid', '', { httpOnly: true, sameSite: 'Lax', maxAgeMs: 0 }))
      .redirect('/login', 303)
  })
}

/** What a posted form gets that is not let in. */
function refuse(
  site: Pick<SiteContext, 'personality'>,
  isRight: boolean,
): Pick<LoginForm, 'error' | 'captcha'> | 'broken' | 'dead_end' | undefined {
  const { mode } = site.personality()
  if (mode === 'failing') return 'broken'
  if (mode === 'locked') return { error: lockedAccount }
  if (mode === 'captcha' || mode === 'captcha_after') return { captcha: true }
  if (mode === 'rejecting' || !isRight) return { error: wrongPassword }
  return mode === 'dead_end' ? 'dead_end' : undefined
}

function letIn(site: SiteContext, reply: FastifyReply, username: string, deviceId: string) {
  const { sid } = site.sessions.begin(username, deviceId)
  return reply
    .header('set-cookie', [
      sidCookie(sid, site.personality()),
      setCookie('prefs', 'lang=en&rows=25', { sameSite: 'Strict', maxAgeMs: yearMs / 12 }),
      setCookie('theme', 'light', { sameSite: 'Lax', maxAgeMs: yearMs }),
    ])
    .redirect('/', 303)
}
