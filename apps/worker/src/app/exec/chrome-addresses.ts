import { findAddress } from '../../cdp/find-endpoint.ts'

/**
 * Where a job finds the Chromes, as environment variables. A host name is given as its address: under that alone Chrome answers, and few
 * clients look it up by themselves.
 */
export async function chromeAddresses(chromes: readonly string[]): Promise<Record<string, string>> {
  const addresses = await Promise.all(chromes.map(findAddress))
  const [first = ''] = addresses
  return { CHROME_CDP_URL: first, CHROME_CDP_URLS: addresses.join(' ') }
}
