import type { FollowedSession } from '@session-broker/client'
import type { Cookie, IssuedSession, OriginStorage } from '@session-broker/shared'
import { startPlainSite } from './plain-site.ts'
import { issued } from './scripted-broker.ts'

export const cookie = (over: Partial<Cookie> = {}): Cookie => ({
  ...{ name: 'sid', value: 'x', domain: '127.0.0.1', path: '/', expires: -1 },
  ...{ httpOnly: true, secure: false },
  ...over,
})

/** Forty cookies that all tell one generation, and a token in localStorage that does. */
export function wholeState(
  generation: number,
  origin: string,
  over: Partial<IssuedSession> = {},
): IssuedSession {
  const cookies = Array.from({ length: 40 }, (_, at) => cookie({ name: `c${at}`, value: `gen${generation}` }))
  return issued(generation, { cookies, origins: [{ origin, localStorage: token(generation) }], ...over })
}

export const token = (generation: number): OriginStorage['localStorage'] => [
  { name: 'token', value: `gen${generation}` },
]

export type BusySite = Awaited<ReturnType<typeof startBusySite>>

/** A site with a page that never stops asking, and the generations that each request carried. */
export async function startBusySite() {
  const mixes = new Map<string, number>()
  const site = await startPlainSite((response, { path, headers }) => {
    if (path === '/ask') {
      const values = [...(headers.cookie ?? '').matchAll(/c\d+=(gen\d+)/g)].map(([, value]) => value)
      const mix = `${values.length} × ${[...new Set(values)].join('+')}`
      mixes.set(mix, (mixes.get(mix) ?? 0) + 1)
      return response.writeHead(204).end()
    }
    const html = response.writeHead(200, { 'content-type': 'text/html' })
    return html.end(
      path === '/busy' ? `<title>busy</title><script>${askForEver}</script>` : '<title>quiet</title>',
    )
  })
  return { ...site, mixes }
}

const askForEver = `
  for (let loop = 0; loop < 4; loop++) (async () => { for (;;) await fetch('/ask').catch(() => {}) })()
`

/** Whether no request carried a mix, or a part. */
export function isWhole(mix: string): boolean {
  return /^40 × gen\d+$/.test(mix)
}

export const generationOf = (kept: FollowedSession) => kept.current().generation
