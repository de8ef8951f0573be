import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Cookie } from '@session-broker/shared'
import { eventOf, issued, json, openStream, startScriptedBroker } from '../../client/scripted-broker.ts'

export const cookie = (generation: number): Cookie => ({
  name: 'sid',
  value: `of-generation-${generation}`,
  domain: '127.0.0.1',
  path: '/',
  expires: -1,
  httpOnly: true,
  secure: false,
  sameSite: 'Lax',
})

/** A site that knows the cookie of one generation, and a broker that has it; a refresh makes the next. */
export async function startSiteAndBroker(t: { teardown(end: () => unknown): void }) {
  let generation = 1
  let accepted = 1
  const site = createServer((request, response) => {
    const isSignedIn = request.headers.cookie?.includes(`sid=of-generation-${accepted}`)
    response
      .writeHead(isSignedIn ? 200 : 401, { 'content-type': 'text/html' })
      .end(isSignedIn ? 'Hello' : 'Sign in')
  })
  site.listen(0, '127.0.0.1')
  await once(site, 'listening')
  const siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`
  const streams = new Set<ReturnType<typeof openStream>>()
  const refreshes: unknown[] = []
  const broker = await startScriptedBroker((response, { url, method, body, headers }) => {
    const path = url.split('?')[0]
    if (path === '/session/events') {
      const stream = openStream(response)
      streams.add(stream)
      return stream.send(eventOf(generation))
    }
    if (path === '/session/cookies') {
      const etag = `"${generation}.0"`
      if (headers['if-none-match'] === etag) return response.writeHead(304).end()
      return json(response, 200, issued(generation, { cookies: [cookie(generation)] }), { etag })
    }
    if (method === 'POST' && path === '/session/refresh') {
      refreshes.push(JSON.parse(body))
      generation += 1
      accepted = generation
      for (const stream of streams) stream.send(eventOf(generation))
      return json(response, 200, { session: 'amazon', generation, revision: 0, outcome: 'renewed' })
    }
    if (method === 'POST') return response.writeHead(204).end()
    return json(response, 200, summary(siteUrl))
  })
  t.teardown(async () => {
    await broker.close()
    site.closeAllConnections()
    site.close()
  })
  return {
    url: broker.url,
    siteUrl,
    refreshes,
    signOutEverywhere: () => {
      accepted = -1
    },
  }
}

export const summary = (url: string) => ({
  session: 'amazon',
  status: 'live',
  generation: 1,
  revision: 0,
  obtainedAt: null,
  ageSeconds: null,
  expiry: null,
  check: { url, expect: { status: 200, text: 'Hello' }, in: 'http' },
  lastCheck: null,
  checksPaused: null,
  budget: { loginsLeft: 10, failedLeft: 3, challengesLeft: 3 },
  loginOrigin: 'https://shop.example',
  sites: ['shop.example'],
  staleSeconds: null,
  login: { phase: 'idle' },
})
