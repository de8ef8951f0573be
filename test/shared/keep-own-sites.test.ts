import type { Cookie } from '@session-broker/shared'
import { keepOwnSites } from '@session-broker/shared/site'
import t from 'tap'

const cookie = (domain: string, partitionKey?: string): Cookie => ({
  ...{ name: domain, value: 'x', domain, path: '/', expires: -1, httpOnly: true, secure: true },
  ...(partitionKey !== undefined && { partitionKey }),
})
const origin = (url: string) => ({ origin: url, localStorage: [{ name: 'token', value: 'x' }] })
const state = {
  userAgent: 'Mozilla/5.0 test',
  cookies: [
    ...[cookie('.shop.co.uk'), cookie('www.shop.co.uk'), cookie('.other.co.uk'), cookie('idp.example')],
    ...[cookie('chat.example', 'https://shop.co.uk'), cookie('chat.example', 'https://other.co.uk')],
  ],
  origins: [origin('https://app.shop.co.uk'), origin('https://ads.example')],
}
const urls = ['https://login.shop.co.uk/in']

t.test('what the session’s own sites keep is kept, and what is partitioned below them', async (t) => {
  const kept = keepOwnSites(state, { urls, hosts: [] })
  t.same(
    kept.cookies.map(({ domain, partitionKey }) => [domain, partitionKey]),
    [
      ['.shop.co.uk', undefined],
      ['www.shop.co.uk', undefined],
      ['chat.example', 'https://shop.co.uk'],
    ],
  )
  t.same(kept.origins, [origin('https://app.shop.co.uk')])
})

t.test('and of other sites that a recipe names', async (t) => {
  const kept = keepOwnSites(state, { urls, hosts: ['idp.example'] })
  t.ok(kept.cookies.some(({ domain }) => domain === 'idp.example'))
})

t.test('an address and localhost are sites by themselves', async (t) => {
  const local = { ...state, cookies: [cookie('127.0.0.5'), cookie('127.0.0.6'), cookie('localhost')] }
  const kept = keepOwnSites(local, { urls: ['http://127.0.0.5:3000/'], hosts: ['localhost'] })
  t.same(
    kept.cookies.map(({ domain }) => domain),
    ['127.0.0.5', 'localhost'],
  )
})
