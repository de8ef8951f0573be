import t from 'tap'
import { proxyUrlSchema, readProxyUrl } from '../../../apps/broker/src/config/proxy-url.ts'
import { targetSchema } from '../../../apps/broker/src/config/target.ts'

t.test('a proxy is named by scheme, host and port', async (t) => {
  const forms: [string, string][] = [
    ['http://proxy.example:3128', 'http://proxy.example:3128/'],
    ['https://proxy.example', 'https://proxy.example/'],
    ['socks5://10.0.0.1', 'socks5://10.0.0.1:1080'],
    ['socks5://anna:p%40ss@[::1]:9', 'socks5://anna:p%40ss@[::1]:9'],
  ]
  for (const [text, href] of forms) t.equal(readProxyUrl(text).href, href)
})

t.test('anything else is no proxy, and is not repeated', async (t) => {
  for (const text of [
    'proxy.example:3128',
    'ftp://7Qx',
    'socks4://7Qx',
    'http://7Qx/path',
    'http://7Qx?q',
    '',
  ])
    t.throws(() => readProxyUrl(text), { name: 'Error', message: /^(?!.*7Qx)(wants|takes)/ }, text)
})

t.test('a password of a proxy stands elsewhere', async (t) => {
  const mistakeIn = (text: string) => proxyUrlSchema.safeParse(text).error?.issues[0]?.message
  t.match(mistakeIn('http://anna:7Qx@proxy.example:3128'), /^wants no password here.+env:SHOP_PROXY/)
  t.match(mistakeIn('env:'), /^env: wants/)
  t.equal(mistakeIn('env:SHOP_PROXY'), undefined)
  t.equal(mistakeIn('http://proxy.example:3128'), undefined)
})

t.test('a place that is allowed', async (t) => {
  t.same(targetSchema.parse('Login.Example'), { host: 'login.example' })
  t.same(targetSchema.parse('10.0.0.1:8443'), { host: '10.0.0.1', port: 8443 })
  t.same(targetSchema.parse('[fd00::1]:80'), { host: 'fd00::1', port: 80 })
  for (const text of ['http://a', 'a:0', 'a:70000', 'a/b', '', '*.example'])
    t.match(targetSchema.safeParse(text).error?.issues[0]?.message, /^wants host or host:port/, text)
})
