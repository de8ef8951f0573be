import { Agent, type IncomingMessage, request } from 'node:http'
import { type Cookie, cookieHeader, ProblemError } from '@session-broker/shared'
import type { LoginJob, LoginResult, SiteLogin } from '../../../apps/broker/src/session/ports/site-login.ts'
import { mergeSetCookie } from '../../../apps/broker/src/site-http/merge-set-cookie.ts'

const userAgent = 'chaos'

/**
 * Signs in at the local site as the browser does, in the same steps and with the same failures, but in milliseconds: so that
 * a minute holds hundreds of logins.
 */
export const httpSignIn: SiteLogin = async (job) => {
  // One connection, kept: what is sent after the permit leaves in the same turn.
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const progress = { submitted: false }
  try {
    return await job.prove(await signIn(createVisit(agent, job.signal), job, progress))
  } catch (error) {
    throw asLoginProblem(error, job.signal, progress.submitted)
  } finally {
    agent.destroy()
  }
}

async function signIn(
  visit: Visit,
  { definition, credentials, requestPermit, confirmPermit }: LoginJob,
  progress: { submitted: boolean },
): Promise<LoginResult> {
  const url = new URL(definition.loginUrl)
  const form = await visit.send(url).catch((cause) => {
    throw new ProblemError('login_site_down', `${url.origin} does not answer`, { cause })
  })
  if (form.status >= 500) throw new ProblemError('login_site_down', `${url.origin} answers ${form.status}`)
  const csrf = /name="csrf" value="([^"]+)"/.exec(form.text)?.[1]
  if (csrf === undefined) throw new ProblemError('login_misconfigured', 'no sign-in form was found')
  const { username, password } = credentials
  const fields = new URLSearchParams({ csrf, device: '', username, password })
  await requestPermit()
  progress.submitted = true
  confirmPermit()
  const answer = await visit.send(url, fields.toString())
  if (answer.status >= 500) throw new ProblemError('login_unknown', 'the site answered with an error')
  if (answer.status !== 303) throw new ProblemError('login_bad_credentials', 'the site showed its form again')
  const state = { userAgent, cookies: [...visit.cookies()], origins: [] }
  return { state, landedUrl: `${url.origin}/` }
}

function asLoginProblem(error: unknown, signal: AbortSignal, submitted: boolean): unknown {
  if (error instanceof ProblemError || !signal.aborted) return error
  return submitted
    ? new ProblemError('login_timeout_after_submit', 'the site did not answer in time', { cause: error })
    : new ProblemError('login_site_down', 'the form did not come in time', { cause: error })
}

interface Visit {
  /** With a body it is a form that is posted. */
  send(url: URL, body?: string): Promise<{ status: number; text: string }>
  cookies(): readonly Cookie[]
}

function createVisit(agent: Agent, signal: AbortSignal): Visit {
  let cookies: readonly Cookie[] = []

  async function send(url: URL, body?: string) {
    const answer = await ask(url, body)
    const nowSeconds = Date.now() / 1000
    for (const header of answer.headers['set-cookie'] ?? []) {
      cookies = mergeSetCookie(cookies, header, { url, nowSeconds })
    }
    let text = ''
    for await (const chunk of answer.setEncoding('utf8')) text += chunk
    return { status: answer.statusCode ?? 0, text }
  }

  function ask(url: URL, body: string | undefined): Promise<IncomingMessage> {
    const headers = {
      'user-agent': userAgent,
      cookie: cookieHeader(cookies, url, Date.now() / 1000),
      ...(body !== undefined && {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': Buffer.byteLength(body),
      }),
    }
    return new Promise((resolve, reject) => {
      const asked = request(url, { agent, signal, headers, method: body === undefined ? 'GET' : 'POST' })
      asked.once('response', resolve).once('error', reject).end(body)
    })
  }

  return { send, cookies: () => cookies }
}
