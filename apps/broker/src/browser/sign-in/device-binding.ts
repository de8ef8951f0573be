import { ProblemError } from '@session-broker/shared'
import { isSameSite } from '@session-broker/shared/site'
import type { BrowserContext, CDPSession } from 'playwright'

// Device Bound Session Credentials (https://w3c.github.io/webappsec-dbsc/): the site has the browser make a key that never leaves
// the device, and gives it cookies that live for minutes; only who can sign with the key gets the next ones.

/** How a site begins it; the second is the name that it had in Chrome's first trials. */
const registration = ['secure-session-registration', 'sec-session-registration']

export interface DeviceBinding {
  /** Who binds the session, and by what it was told. */
  host: string
  sign: string
}

interface Watched {
  context: Pick<BrowserContext, 'on'>
  /** Of the page. */
  session: Pick<CDPSession, 'on' | 'send'>
  loginUrl: string
}

/** Watches for the session's own site that binds it to this device. @returns what was seen until now. */
export async function watchDeviceBinding({
  context,
  session,
  loginUrl,
}: Watched): Promise<() => DeviceBinding | undefined> {
  let seen: DeviceBinding | undefined
  const note = (url: string, sign: string) => {
    if (URL.canParse(url) && isSameSite(url, loginUrl)) seen ??= { host: new URL(url).hostname, sign }
  }
  context.on('response', (response) => {
    const headers = response.headers()
    const name = registration.find((each) => headers[each] !== undefined)
    if (name) note(response.url(), `its header ${name}`)
  })
  session.on('Network.deviceBoundSessionEventOccurred', ({ site, creationEventDetails }) => {
    if (creationEventDetails?.newSession) note(site, 'a key that the browser made for it')
  })
  // Older browsers do not know it.
  await session.send('Network.enableDeviceBoundSessions', { enable: true }).catch(() => undefined)
  return () => seen
}

export function boundToDevice({ host, sign }: DeviceBinding): ProblemError {
  return new ProblemError(
    'login_device_bound',
    `${host} binds the session to the device that signs in (${sign}): in other Chromes it ends within minutes. ` +
      'Where the site is known to do without, the configuration can say so: login: { acceptDeviceBound: true }',
  )
}
