import t from 'tap'
import { readRedisUrl } from '../../../apps/broker/src/config/read-redis-url.ts'
import { redisUrlSchema } from '../../../apps/broker/src/config/redis-url.ts'

const at = (host: string, port: number) => ({ host, port })

t.test('a Redis URL says what is there, where, and how to sign in', async (t) => {
  const server = { kind: 'server', tls: false, hosts: [at('a', 6379)], database: 0 }
  const sentinel = { kind: 'sentinel', tls: false, masterName: 'mymaster', database: 0 }
  const cluster = { kind: 'cluster', tls: false, hosts: [at('a', 6379), at('b', 7000)] }
  const user = { username: 'anna', password: 'p:w@/?#,%' }
  const signedIn = 'anna:p:w%40%2F%3F%23,%25'
  const forms: [string, object][] = [
    ['redis://a', server],
    ['redis://a/', server],
    ['rediss://a:1/2', { ...server, tls: true, hosts: [at('a', 1)], database: 2 }],
    ['redis://[::1]:7000', { ...server, hosts: [at('::1', 7000)] }],
    [`redis://${signedIn}@a`, { ...server, ...user }],
    ['redis://:p@a', { ...server, password: 'p' }],
    ['redis-sentinel://a/mymaster', { ...sentinel, hosts: [at('a', 26379)] }],
    [
      'rediss-sentinel://a,10.0.0.2:5,[fe80::1]/my.master-1/3',
      {
        ...sentinel,
        tls: true,
        hosts: [at('a', 26379), at('10.0.0.2', 5), at('fe80::1', 26379)],
        masterName: 'my.master-1',
        database: 3,
      },
    ],
    [
      `redis-sentinel://${signedIn}@a/mymaster?sentinelUsername=s&sentinelPassword=q%26r`,
      { ...sentinel, hosts: [at('a', 26379)], ...user, sentinelUsername: 's', sentinelPassword: 'q&r' },
    ],
    ['redis-cluster://a,b:7000', cluster],
    ['redis+cluster://a,b:7000/0', cluster],
    [`rediss-cluster://${signedIn}@a,b:7000`, { ...cluster, tls: true, ...user }],
  ]
  for (const [text, target] of forms) t.strictSame(readRedisUrl(text), target, text)
})

t.test('each mistake in a Redis URL is told in words that repeat nothing of it', async (t) => {
  const mistakes: [string, string][] = [
    ['', 'wants a Redis URL, such as redis://127.0.0.1:6379, redis-sentinel://'],
    ['canary:6379', 'wants a Redis URL'],
    ['http://canary', 'wants a Redis URL'],
    ['sentinel://canary', 'wants a Redis URL'],
    ['redis:///0', 'wants a Redis URL'],
    ['redis://canary,canary', 'names several servers, and does not say what they are'],
    ['redis://canary:99999', 'wants hosts as host:port'],
    ['redis://canary:0', 'wants hosts as host:port'],
    ['redis://[canary]', 'wants hosts as host:port'],
    ['redis://::1', 'wants hosts as host:port'],
    ['redis-cluster://a,,canary', 'wants hosts as host:port'],
    ['redis-cluster://a, canary', 'wants hosts as host:port'],
    ['redis://:can/ary@a', 'in a user or a password write %40 for @, %2F for /'],
    ['redis://:canary@100%@a', 'has a % in its user or password that stands for nothing: write %25'],
    ['redis://a/canary', 'wants the database as a number, such as /0'],
    ['redis://a/1/2', 'wants the database as a number'],
    ['redis://a?password=canary', 'takes nothing after a ?'],
    ['redis-cluster://a#canary', 'takes nothing after a ?'],
    ['redis-cluster://a/1', 'has a database, which a cluster has not: leave it out'],
    ['redis-sentinel://a', 'wants the name that the sentinels know the master by'],
    ['redis-sentinel://a/', 'wants the name that the sentinels know the master by'],
    ['redis-sentinel://a/0#canary', 'wants the name of the master as /mymaster, not as #mymaster'],
    ['redis-sentinel://a/mymaster/canary', 'wants the database as a number'],
    ['redis-sentinel://a/mymaster/0/1', 'wants the database as a number'],
    [
      'redis-sentinel://a/mymaster?password=canary',
      'takes nothing but sentinelUsername=… and sentinelPassword=…',
    ],
  ]
  for (const [text, words] of mistakes) {
    const { message } = t.throws(() => readRedisUrl(text)) as Error
    t.ok(message.includes(words), `${text}: ${message}`)
    t.notMatch(message, 'canary')
  }
})

t.test('a password makes the URL a secret, wherever it stands in it', async (t) => {
  const open = ['redis-sentinel://a,b/mymaster', 'redis-cluster://anna@a,b', 'env:REDIS_URL']
  for (const text of open) t.ok(redisUrlSchema.safeParse(text).success, text)
  const secret = [
    'redis-sentinel://:canary@a,b/mymaster',
    'redis-sentinel://a,b/mymaster?sentinelPassword=canary',
    'rediss-cluster://anna:canary@a,b',
  ]
  for (const text of secret) {
    const message = redisUrlSchema.safeParse(text).error?.issues[0]?.message
    t.match(message, 'wants no password here: keep the whole URL outside this file', text)
    t.notMatch(message, 'canary')
  }
})
