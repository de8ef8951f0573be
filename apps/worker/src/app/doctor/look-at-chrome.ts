import { networkInterfaces } from 'node:os'
import { isPersonalProfile } from '@session-broker/chrome'
import { type ChromeConnection, connectToChrome } from '../../cdp/connect-to-chrome.ts'
import { findAddress } from '../../cdp/find-endpoint.ts'
import { takesWebPages } from '../../cdp/try-as-web-page.ts'
import { isLoopbackHost } from '../../local-http/listen-address.ts'
import { ask, jsonOf } from './ask.ts'
import { explainFailure } from './explain-failure.ts'
import { findProfile } from './find-profile.ts'
import type { Notes } from './finding.ts'

/** @returns the connection, where there is a Chrome; whoever gets it closes it */
export async function lookAtChrome(address: string, notes: Notes): Promise<ChromeConnection | undefined> {
  const url = new URL(address)
  if (url.protocol.startsWith('ws')) return connect(address, notes)
  const asked = new URL(await findAddress(address).catch(() => address))
  const endpoint = await findVersion(asked, notes)
  if (!endpoint) return undefined
  if (asked.host !== url.host)
    notes.warn(
      'chrome-name',
      `Chrome answers under an address alone: the worker looks the name up, your own programs have to say ${asked.origin}`,
    )
  await lookWhoElse(asked, endpoint, notes)
  const chrome = await connect(address, notes)
  if (chrome && isLoopbackHost(asked.hostname)) await lookAtProfile(chrome, notes)
  return chrome
}

/** @returns the browser’s WebSocket address */
async function findVersion(asked: URL, notes: Notes): Promise<string | undefined> {
  const start = `start Chrome with --remote-debugging-port=${asked.port || '80'} and a --user-data-dir of its own`
  try {
    const { status, text } = await ask(new URL('/json/version', asked))
    const version = jsonOf(text) as { Browser?: unknown; webSocketDebuggerUrl?: unknown } | null | undefined
    if (typeof version?.webSocketDebuggerUrl === 'string') {
      const endpoint = new URL(version.webSocketDebuggerUrl)
      endpoint.host = asked.host
      if (asked.protocol === 'https:') endpoint.protocol = 'wss:'
      return endpoint.href
    }
    const isNode = String(version?.Browser).startsWith('node.js')
    const what = isNode ? 'that is Node’s debugger' : `what answers there (status ${status})`
    notes.fail(
      'chrome',
      `${what}${isNode ? ', and no Chrome' : ' is no Chrome'}: correct --chrome, or ${start}`,
    )
  } catch (error) {
    const why = explainFailure(error).split(':')[0]
    notes.fail('chrome', `no Chrome answers, ${why}: ${start}`)
  }
  return undefined
}

async function connect(address: string, notes: Notes): Promise<ChromeConnection | undefined> {
  try {
    const chrome = await connectToChrome(address)
    notes.ok('chrome', `${chrome.product} answers`)
    return chrome
  } catch (error) {
    const why = error instanceof Error ? error.message : 'it failed'
    notes.fail(
      'chrome',
      `${why}; where a proxy stands before it, it has to pass WebSockets on, without an Origin header`,
    )
    return undefined
  }
}

/** Who reaches the port owns this Chrome. */
async function lookWhoElse(asked: URL, endpoint: string, notes: Notes): Promise<void> {
  const isForWebPages = await takesWebPages(endpoint)
  if (isForWebPages)
    notes.fail('chrome-origins', 'any web page may use this Chrome: leave --remote-allow-origins out')
  else if (isForWebPages === undefined)
    notes.warn('chrome-origins', 'whether web pages may use it cannot be told: it answers neither yes nor no')
  else notes.ok('chrome-origins', 'no web page may use it')
  if (!isLoopbackHost(asked.hostname)) {
    notes.warn(
      'chrome-exposed',
      'this Chrome is reached over a network, in clear and without a password: keep that network to the two of them, or use an SSH tunnel',
    )
    return
  }
  const open = await findOpenAddress(asked)
  if (open)
    notes.fail(
      'chrome-exposed',
      `its port is open to the network at ${open}: who reaches it owns this Chrome; let it listen on 127.0.0.1 alone`,
    )
  else notes.ok('chrome-exposed', 'its port is open to this machine alone')
}

async function findOpenAddress(asked: URL): Promise<string | undefined> {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, scopeid }) => !internal && !scopeid)
    .map(({ address, family }) => (family === 'IPv6' ? `[${address}]` : address))
  const answers = await Promise.all(
    addresses.map(async (address) => {
      const version = new URL(`http://${address}:${asked.port}/json/version`)
      const answer = await ask(version, { withinMs: 2_000 }).catch(() => undefined)
      return answer?.text.includes('webSocketDebuggerUrl') ? version.host : undefined
    }),
  )
  return answers.find((open) => open !== undefined)
}

async function lookAtProfile(chrome: ChromeConnection, notes: Notes): Promise<void> {
  const profile = await findProfile(chrome)
  const own = 'give it one of its own (--user-data-dir)'
  if (!profile)
    return notes.warn('chrome-profile', 'which profile it uses cannot be told: let it be none of a person')
  if (profile.dir === undefined)
    return notes.fail(
      'chrome-profile',
      `it was started without a profile of its own, and may use a person’s: ${own}`,
    )
  if (await isPersonalProfile(profile.dir))
    return notes.fail('chrome-profile', `${profile.dir} is a person’s own profile: ${own}`)
  notes.ok('chrome-profile', `its profile is its own: ${profile.dir}`)
}
