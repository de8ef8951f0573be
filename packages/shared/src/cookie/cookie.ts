import * as z from 'zod'

const sameSite = z.enum(['Strict', 'Lax', 'None'])

/**
 * A cookie as it travels: Playwright's form (so `context.addCookies(body.cookies)` takes it as it is)
 * plus what CDP's `Network.Cookie` knows beyond. What Chrome held comes back byte for byte.
 */
export const cookieSchema = z
  .object({
    name: z.string(),
    value: z.string(),
    domain: z.string().meta({ description: 'With a leading dot: sub-domains too. Without: this host only.' }),
    path: z.string(),
    expires: z.number().meta({ description: 'Seconds since 1970; -1 for a session cookie.' }),
    httpOnly: z.boolean(),
    secure: z.boolean(),
    sameSite: sameSite.exactOptional().meta({ description: 'Left out where the site set none.' }),
    partitionKey: z
      .string()
      .exactOptional()
      .meta({ description: 'Top-level site of a partitioned cookie (CHIPS).' }),
    _crHasCrossSiteAncestor: z.boolean().exactOptional(),
    priority: z.enum(['Low', 'Medium', 'High']).exactOptional(),
    sourceScheme: z.enum(['Unset', 'NonSecure', 'Secure']).exactOptional(),
    sourcePort: z.int().exactOptional().meta({ description: '-1 where Chrome does not know it.' }),
  })
  .meta({ id: 'Cookie' })

export type Cookie = z.infer<typeof cookieSchema>

/** What makes two cookies the same one to a browser: the later replaces the earlier. */
export function cookieIdentity(
  cookie: Pick<Cookie, 'name' | 'domain' | 'path' | 'partitionKey' | '_crHasCrossSiteAncestor'>,
): string {
  const { name, domain, path, partitionKey, _crHasCrossSiteAncestor: crossSite } = cookie
  return JSON.stringify([
    name,
    domain,
    path,
    partitionKey ?? null,
    partitionKey ? (crossSite ?? false) : null,
  ])
}
