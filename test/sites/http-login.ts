import { type Cookie, cookieHeader } from '@session-broker/shared'
import type { BrokerParts } from '../../apps/broker/src/app/open-sessions.ts'
import {
  classifyError,
  failureInAnswer,
  formMissing,
  siteDown,
} from '../../apps/broker/src/browser/sign-in/classify-failure.ts'
import { saysLocked } from '../../apps/broker/src/browser/sign-in/failure-words.ts'
import { openExits } from '../../apps/broker/src/exit/open-exits.ts'
import { resolveBySystem } from '../../apps/broker/src/exit/resolve-host.ts'
import { unanswered } from '../../apps/broker/src/session/challenge/unanswered.ts'
import type { LoginJob, LoginResult, SiteLogin } from '../../apps/broker/src/session/ports/site-login.ts'
import { createHttpLook } from '../../apps/broker/src/site-http/look-by-http.ts'
import { mergeSetCookie } from '../../apps/broker/src/site-http/merge-set-cookie.ts'

const userAgent = 'Mozilla/5.0 (no browser)'

/**
 * Signs in at the local site by plain HTTP, with the broker's own permit and classes of failure: in milliseconds, where a browser
 * takes a second or two. For tests of everything but the browser.
 */
export const logInByHttp: SiteLogin = async (job) => {
  const progress = { submitted: false }
  try {
    return await job.prove(await signIn(job, progress))
  } catch (error) {
    throw classifyError(error, { ...progress, signal: job.signal })
  }
}

/** In place of a broker's `openBrowser`. */
export const openWithoutBrowser: BrokerParts['openBrowser'] = async (_config, { clock, own }) => {
  const exits = await openExits({ resolveHost: resolveBySystem, own, allow: [] })
  return {
    siteLogin: logInByHttp,
    siteLogOut: () => Promise.reject(new Error('nobody logs out here')),
    look: createHttpLook({ clock, exits }),
    house: {
      withContext: () => Promise.reject(new Error('there is no browser here')),
      close: exits.close,
    },
  }
}

async function signIn(job: LoginJob, progress: { submitted: boolean }): Promise<LoginResult> {
  const { loginUrl } = job.definition
  const visit = startVisit(job.signal)
  const form = await visit.send(loginUrl).catch((cause) => {
    if (job.signal.aborted) throw cause
    throw siteDown(loginUrl, 'does not answer', cause)
  })
  if (form.status >= 500) throw siteDown(loginUrl, `answers ${form.status}`)
  if (hasCaptcha(form.body)) throw unanswered('captcha', 'nobody is asked here')
  if (!hasForm(form.body)) throw formMissing(loginUrl)
  await job.requestPermit()
  progress.submitted = true
  job.confirmPermit()
  const { username, password } = job.credentials
  const csrf = /name="csrf" value="([^"]+)"/.exec(form.body)?.[1] ?? ''
  const body = new URLSearchParams({ csrf, device: '', username, password })
  const answer = await visit.send(loginUrl, { method: 'POST', body })
  const said = readAnswer(answer)
  if (said === 'captcha') throw unanswered('captcha', 'nobody is asked here')
  if (said) throw failureInAnswer(said, { url: loginUrl, given: undefined })
  const landedUrl = new URL(answer.location ?? loginUrl, loginUrl).href
  return { state: { userAgent, cookies: [...visit.cookies()], origins: [] }, landedUrl }
}

function readAnswer({ status, body }: { status: number; body: string }) {
  if (status >= 500) return 'server_error'
  if (saysLocked(body.replace(/<[^>]+>/g, '\n'))) return 'locked'
  if (hasCaptcha(body)) return 'captcha'
  return hasForm(body) ? 'form_again' : undefined
}

const hasForm = (body: string) => body.includes('type="password"')
const hasCaptcha = (body: string) => body.includes('name="captcha"')

/** Keeps the cookies that are set; follows no redirects. */
function startVisit(signal: AbortSignal) {
  let cookies: readonly Cookie[] = []
  return {
    cookies: () => cookies,
    async send(address: string, init: RequestInit = {}) {
      const url = new URL(address)
      const nowSeconds = Date.now() / 1000
      const headers = { 'user-agent': userAgent, cookie: cookieHeader(cookies, url, nowSeconds) }
      const answer = await fetch(url, { ...init, headers, redirect: 'manual', signal })
      for (const line of answer.headers.getSetCookie()) {
        cookies = mergeSetCookie(cookies, line, { url, nowSeconds })
      }
      const location = answer.headers.get('location') ?? undefined
      return { status: answer.status, body: await answer.text(), location }
    },
  }
}
