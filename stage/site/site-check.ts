import type { Check } from '@session-broker/shared'
import type { Personality } from './personality.ts'

/** How to tell that `username` is signed in at the site; where the device counts, the page has to run. */
export function siteCheck(
  url: string,
  username: string,
  { requireDeviceId }: Pick<Personality, 'requireDeviceId'>,
): Check {
  if (requireDeviceId)
    return { url: `${url}/`, in: 'browser', expect: { selector: `main[data-signed-in-as="${username}"]` } }
  return { url: `${url}/`, in: 'http', expect: { status: 200, text: `Hello, ${username}` } }
}
