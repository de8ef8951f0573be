import { networkInterfaces } from 'node:os'
import t from 'tap'
import { kindOf, plainAddress } from '../../../apps/broker/src/exit/addresses.ts'
import { findSites, whyRefused } from '../../../apps/broker/src/exit/target-rules.ts'

const names: Record<string, string[]> = {
  'shop.example': ['203.0.113.7'],
  'login.example': ['2001:db8::7'],
  'intranet.example': ['10.1.2.3'],
  'turned.example': ['127.0.0.1'],
  'both.example': ['203.0.113.8', '192.168.0.9'],
  'keys.example': ['169.254.169.254'],
  redis: ['10.0.0.5'],
  localhost: ['::1', '127.0.0.1'],
}
const resolveHost = async (host: string) => {
  const found = names[host] ?? (/^[\d.]+$|:/.test(host) ? [plainAddress(host)] : undefined)
  if (!found) throw new Error('there is none')
  return found
}
const own = [
  { host: '127.0.0.1', port: 8787 },
  { host: 'redis', port: 6379 },
]

async function judge(target: string, { site = 'https://shop.example/login', allow = '', listen = own } = {}) {
  const { hostname, port } = new URL(`connect://${target}`)
  const host = hostname.replace(/^\[|\]$/g, '')
  const [, allowedHost = '', allowedPort] = /^(.*?)(?::(\d+))?$/.exec(allow) ?? []
  return whyRefused(
    { host, port: Number(port), addresses: await resolveHost(host) },
    {
      own: listen,
      allow: allow
        ? [{ host: allowedHost, ...(allowedPort !== undefined && { port: Number(allowedPort) }) }]
        : [],
      resolveHost,
      sites: await findSites(site.split(' '), resolveHost),
    },
  )
}

const publicSite = { site: 'https://shop.example/login' }
const privateSite = { site: 'http://intranet.example:3000/login' }
const loopbackSite = { site: 'http://127.0.0.1:3000/login' }

t.test('a public site may lead to public places alone', async (t) => {
  t.equal(await judge('shop.example:443', publicSite), undefined)
  t.equal(await judge('login.example:443', publicSite), undefined)
  const elsewhere = ['10.9.9.9:80', '192.168.1.1:443', '[fd12::1]:80', '100.64.0.1:80', '[2002:a00:1::]:80']
  for (const target of [...elsewhere, 'intranet.example:80', 'both.example:443'])
    t.match(await judge(target, publicSite), /private network/, target)
})

t.test(
  'a private site may lead to private places, such as an identity provider in the same network',
  async (t) => {
    for (const target of ['10.9.9.9:80', 'intranet.example:443', 'shop.example:443', 'both.example:443'])
      t.equal(await judge(target, privateSite), undefined, target)
  },
)

t.test('loopback is for sites that are there themselves', async (t) => {
  for (const target of ['127.0.0.1:3000', '127.0.0.5:3000', '[::1]:3000', 'localhost:9000']) {
    t.match(await judge(target, publicSite), /broker’s own machine/, target)
    t.match(await judge(target, privateSite), /broker’s own machine/, target)
    t.equal(await judge(target, loopbackSite), undefined, target)
  }
  t.equal(await judge('10.9.9.9:80', loopbackSite), undefined)
})

t.test('of several sites, and several addresses of one, the outermost counts', async (t) => {
  const sites = ['http://intranet.example/login http://shop.example/', 'http://both.example/']
  for (const site of [...sites, 'http://intranet.example/ http://nowhere.example/'])
    t.match(await judge('10.9.9.9:80', { site }), /private network/, site)
  t.equal(await judge('intranet.example:80', { site: sites[0] ?? '' }), undefined, 'itself')
  t.match(await judge('both.example:80', { site: 'http://both.example/' }), /public and private/)
})

t.test('the broker and its Redis are for nobody, however they are named', async (t) => {
  const asOurs = ['127.0.0.1:8787', 'localhost:8787', '0.0.0.0:8787', '[::ffff:127.0.0.1]:8787']
  for (const target of [...asOurs, 'turned.example:8787', 'redis:6379', '10.0.0.5:6379'])
    t.match(await judge(target, loopbackSite), /broker’s own/, target)
  t.equal(await judge('127.0.0.1:8788', loopbackSite), undefined)
})

t.test('what listens on this machine is its own at each address of it', async (t) => {
  const [lan] = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal, scopeid = 0 }) => !internal && scopeid === 0)
  const everywhere = ['127.0.0.2:8787', '[::1]:8787', '[::]:8787', 'localhost:8787']
  if (lan) everywhere.push(lan.family === 'IPv6' ? `[${lan.address}]:8787` : `${lan.address}:8787`)
  for (const host of ['0.0.0.0', '::', '127.0.0.1', 'localhost', ...(lan ? [lan.address] : [])]) {
    const listen = [{ host, port: 8787 }]
    for (const target of everywhere)
      t.match(await judge(target, { ...loopbackSite, listen }), /broker’s own/, `${target} at ${host}`)
    t.equal(await judge('127.0.0.2:8788', { ...loopbackSite, listen }), undefined, 'its port alone')
    t.equal(await judge('10.0.0.5:8787', { ...loopbackSite, listen }), undefined, 'its machine alone')
  }
})

t.test('the site of the session itself may be anywhere', async (t) => {
  t.equal(await judge('127.0.0.1:8787', { site: 'http://127.0.0.1:8787/login' }), undefined)
  t.equal(await judge('169.254.169.254:80', { site: 'http://169.254.169.254/' }), undefined)
  t.equal(await judge('keys.example:80', { site: 'http://keys.example/' }), undefined)
})

t.test('a link-local address is for nobody else', async (t) => {
  for (const target of ['169.254.169.254:80', 'keys.example:80', '[fe80::1]:80', '[fd00:ec2::254]:80']) {
    t.match(await judge(target, privateSite), /link-local/, target)
    t.match(await judge(target, publicSite), /link-local/, target)
  }
})

t.test('the operator may let more through', async (t) => {
  t.equal(await judge('10.9.9.9:80', { allow: '10.9.9.9' }), undefined)
  t.equal(await judge('intranet.example:80', { allow: 'intranet.example:80' }), undefined)
  t.equal(await judge('intranet.example:80', { allow: '10.1.2.3' }), undefined, 'by its address')
  t.match(await judge('intranet.example:81', { allow: 'intranet.example:80' }), /private/)
  t.match(await judge('127.0.0.1:8787', { allow: '127.0.0.1' }), /broker’s own/, 'its own only by its port')
  t.equal(await judge('127.0.0.1:8787', { allow: '127.0.0.1:8787' }), undefined)
})

t.test('addresses', async (t) => {
  const plain: [string, string][] = [
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['64:ff9b::a9fe:a9fe', '169.254.169.254'],
    ['[FE80::1%eth0]', 'fe80::1'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['::', '::1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::127.0.0.1', '::7f00:1'],
  ]
  for (const [text, address] of plain) t.equal(plainAddress(text), address)
  for (const address of ['8.8.8.8', '2606:4700::1', '172.32.0.1', '11.0.0.1'])
    t.equal(kindOf(address), 'public')
  for (const address of ['172.31.0.1', 'fc00::1', 'fec0::1', '224.0.0.1', '198.18.0.1'])
    t.equal(kindOf(address), 'private')
  for (const address of ['127.0.0.1', '127.9.9.9', '::1']) t.equal(kindOf(address), 'loopback')
  const carrying = [
    '::127.0.0.1',
    '::ffff:0:127.0.0.1',
    '64:ff9b:1::a00:1',
    '2002:7f00:1::',
    '2001:0:a00:1::',
  ]
  for (const text of carrying) t.equal(kindOf(plainAddress(text)), 'private', text)
})
