import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FailureClass } from '@session-broker/shared'

/** Everything about a login that must stand nowhere, each unlike anything else. */
export interface Secrets {
  username: string
  password: string
  /** Of the cookie and the storage that the site gives. */
  cookie: string
  token: string
  /** For the authenticator app, in base32. */
  totp: string
  /** The codes that were sent. */
  codes: string[]
}

export interface TelltaleSite {
  loginUrl: string
  secrets: Secrets
  close(): void
}

const number = { last: 0 }

/** A site on which each login fails in one way, and that shows on every page, and in its addresses, all that it was given and gives. */
export async function startTelltaleSite(failure: FailureClass): Promise<TelltaleSite> {
  number.last += 1
  const own = `${failure.replaceAll('_', '')}${number.last}`
  const secrets: Secrets = {
    username: `canary.${own}@telltale.example`,
    password: `Canary/pass+${own}?&é`,
    cookie: `canarycookie${own}`,
    token: `canarytoken${own}`,
    totp: Buffer.from(own.repeat(2))
      .toString('hex')
      .toUpperCase()
      .replace(/[0189]/g, 'Q')
      .padEnd(16, 'Q')
      .slice(0, 32),
    codes: [],
  }
  const server = createServer(async (request, response) => {
    const fields = await readForm(request)
    const code = fields.get('otp')
    if (code) secrets.codes.push(code)
    answer({ failure, secrets, request, fields }, response)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    loginUrl: `http://127.0.0.1:${port}/login`,
    secrets,
    close: () => server.close().closeAllConnections(),
  }
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of request) text += chunk
  return new URLSearchParams(text)
}

interface Ask {
  failure: FailureClass
  secrets: Secrets
  request: IncomingMessage
  fields: URLSearchParams
}

const form =
  '<form method="post"><label>Name <input name="u"></label><label>Password <input type="password" name="p"></label><button>Sign in</button></form>'
const codeForm =
  '<form method="post"><label>One-time code <input name="otp" autocomplete="one-time-code"></label><button>Continue</button></form>'
const captcha =
  '<img id="captcha-image" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="160" height="50">'

const shown: Partial<Record<FailureClass, string>> = {
  site_down: '<h1>Away</h1>',
  misconfigured: '<h1>Nothing here</h1>',
  locked: '<h1>Your account has been locked.</h1>',
  captcha: `${captcha}${form}`,
  challenge_timeout: `<p>We have sent a code to your phone</p>${codeForm}`,
  unknown: '<h1>Oops</h1>',
}

function answer({ failure, secrets, request, fields }: Ask, response: ServerResponse): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('set-cookie', `sid=${secrets.cookie}; Path=/`)
  if (request.method === 'POST') answerForm({ failure, secrets, request, fields }, response)
  else showPage(response, secrets, pageAt(request.url ?? '', failure, response))
}

function pageAt(path: string, failure: FailureClass, response: ServerResponse): string {
  if (path === '/login' && failure === 'site_down') response.writeHead(503)
  if (path.startsWith('/failed') && failure === 'unknown') response.writeHead(500)
  if (path.startsWith('/code')) return codeForm
  if (path.startsWith('/home')) return '<h1>Thank you</h1>'
  const isForm = path === '/login' && failure !== 'site_down' && failure !== 'misconfigured'
  return isForm ? form : (shown[failure] ?? form)
}

function answerForm({ failure, secrets, fields }: Ask, response: ServerResponse): void {
  const asksForCode = failure === 'bad_credentials' || failure === 'not_authenticated'
  if (fields.has('p')) {
    if (failure !== 'timeout_after_submit') goTo(response, secrets, asksForCode ? 'code' : 'failed')
  } else if (failure === 'bad_credentials') showPage(response, secrets, `<p>Wrong code</p>${codeForm}`)
  else goTo(response, secrets, 'home')
}

function showPage(response: ServerResponse, secrets: Secrets, body: string): void {
  const all = { ...secrets, codes: secrets.codes.join(' ') }
  const told = Object.entries(all).map(([name, value]) => `<p>${name}: ${escapeHtml(value)}</p>`)
  response.end(`<title>${escapeHtml(secrets.username)}</title><body>${body}${told.join('')}
    <p>${Buffer.from(secrets.password).toString('base64')}</p>
    <script>localStorage.setItem('state', JSON.stringify({ user: '${secrets.token}' }))</script>`)
}

/** To an address that names all of it. */
function goTo(response: ServerResponse, { username, password, cookie }: Secrets, where: string): void {
  const [name, word] = [username, password].map(encodeURIComponent)
  response.writeHead(303, { location: `/${where}/${name}/${cookie}?p=${word}` }).end()
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
