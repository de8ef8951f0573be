import * as z from 'zod'

/** Sent in headers. */
const printable = z.string().regex(/^[\x20-\x7e]{0,200}$/, 'wants up to 200 printable characters')
const brands = z.array(z.object({ brand: printable, version: printable })).max(20)

/** What a browser says of itself beside its user agent, in the form of CDP's `Emulation.UserAgentMetadata`. */
export const userAgentMetadataSchema = z
  .object({
    brands,
    fullVersionList: brands,
    platform: printable,
    platformVersion: printable,
    architecture: printable,
    model: printable,
    mobile: z.boolean(),
    bitness: printable,
    wow64: z.boolean(),
  })
  .meta({ id: 'UserAgentMetadata' })

export type UserAgentMetadata = z.infer<typeof userAgentMetadataSchema>

/** What `navigator.userAgentData.getHighEntropyValues` is asked for; it tells `brands`, `mobile` and `platform` unasked. */
export const highEntropyHints = [
  'architecture',
  'bitness',
  'fullVersionList',
  'model',
  'platformVersion',
  'wow64',
] as const

/** @returns undefined for anything but a browser's whole answer to `highEntropyHints`. */
export function userAgentMetadataOf(answer: unknown): UserAgentMetadata | undefined {
  return userAgentMetadataSchema.safeParse(answer).data
}

/** The headers that Chrome sends unasked to every site that is a secure context (WICG UA Client Hints). */
export function clientHintHeaders({ brands, mobile, platform }: UserAgentMetadata): Record<string, string> {
  return {
    'sec-ch-ua': brands.map(({ brand, version }) => `${quoted(brand)};v=${quoted(version)}`).join(', '),
    'sec-ch-ua-mobile': mobile ? '?1' : '?0',
    'sec-ch-ua-platform': quoted(platform),
  }
}

/** A string of RFC 9651 (structured fields). */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\\]/g, '\\$&')}"`
}
