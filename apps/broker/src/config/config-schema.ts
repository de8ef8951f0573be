import {
  checkSchema,
  expectationSchema,
  recipeSchema,
  scopeSchema,
  sessionNameSchema,
} from '@session-broker/shared'
import { z } from 'zod'
import { durationSchema } from './duration.ts'
import { listenAddressSchema } from './listen-address.ts'
import { proxyUrlSchema } from './proxy-url.ts'
import { redisUrlSchema } from './redis-url.ts'
import { commandSchema, secretSchema, textOrReferenceSchema } from './secret-reference.ts'
import { targetSchema } from './target.ts'

const path = z.string().min(1)

const noUserInUrl = 'wants no username or password in the URL'
const hasNoUser = (text: string) => {
  const url = URL.parse(text)
  return !url || (url.username === '' && url.password === '')
}
const webUrl = z.url({ protocol: /^https?$/ }).refine(hasNoUser, noUserInUrl)

export const keyNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'wants 1 to 63 letters, digits, ".", "_" and "-"')

const keySchema = z.strictObject({
  name: keyNameSchema,
  hash: z
    .string()
    .regex(
      /^sha256:[0-9a-fA-F]{64}$/,
      'wants sha256: and 64 hex digits: the hash of the key, never the key itself; "keys create" prints it',
    )
    .transform((text) => text.slice('sha256:'.length).toLowerCase()),
  scopes: z.array(scopeSchema).min(1),
  sessions: z.array(sessionNameSchema).min(1).exactOptional(),
})

const minute = 60_000
const day = 24 * 60 * minute

/** Without `url` and `expect` it is derived at each login. */
const checkConfigSchema = z
  .strictObject({
    url: webUrl.exactOptional(),
    expect: expectationSchema.strict().exactOptional(),
    in: checkSchema.shape.in,
    every: durationSchema({ leastMs: 10_000, mostMs: day, orNever: true }).prefault('5m'),
  })
  .refine(({ url, expect }) => (url === undefined) === (expect === undefined), {
    message: 'url and expect go together',
    path: ['url'],
  })
  .refine((check) => check.in === 'http' || check.url !== undefined || check.expect !== undefined, {
    message: 'in: browser goes with url and expect',
    path: ['in'],
  })
  .refine((check) => check.in === 'browser' || check.expect?.selector === undefined, {
    message: 'expect.selector needs in: browser',
    path: ['expect', 'selector'],
  })

/** Without a username and a password a person signs in. */
const loginSchema = z
  .strictObject({
    url: webUrl,
    username: textOrReferenceSchema.exactOptional(),
    password: secretSchema('SHOP_PASSWORD').exactOptional(),
    totp: secretSchema('SHOP_TOTP').exactOptional(),
    code: commandSchema.exactOptional(),
    acceptDeviceBound: z.boolean().default(false),
  })
  .superRefine(({ username, password, totp, code }, context) => {
    const refuse = (key: string, message: string) =>
      context.addIssue({ code: 'custom', path: [key], message })
    if (username === undefined && password !== undefined)
      refuse('username', 'wants a username beside the password')
    if (username !== undefined && password === undefined) {
      refuse('password', 'wants a password beside the username; without both a person signs in by hand')
    }
    if (password === undefined && totp !== undefined) refuse('totp', 'goes with a username and a password')
    if (password === undefined && code !== undefined) refuse('code', 'goes with a username and a password')
    if (totp !== undefined && code !== undefined) refuse('code', 'and totp: leave one of the two out')
  })

const timesPerDay = z.int().min(1).max(100_000)
const sessionConfigSchema = z.strictObject({
  account: z.string().min(1).max(200).exactOptional(),
  recipe: recipeSchema.prefault({}),
  login: loginSchema,
  proxy: proxyUrlSchema.exactOptional(),
  check: checkConfigSchema.prefault({}),
  refresh: z
    .strictObject({
      before: durationSchema({ leastMs: 1_000, mostMs: 7 * day }).prefault('10m'),
      maxAge: durationSchema({ leastMs: minute, mostMs: 365 * day }).exactOptional(),
    })
    .prefault({}),
  writeBack: z.boolean().default(false),
  budget: z
    .strictObject({
      loginsPerDay: timesPerDay.exactOptional(),
      failedPerDay: timesPerDay.exactOptional(),
      challengesPerDay: timesPerDay.exactOptional(),
    })
    .prefault({}),
})

const hostName = z
  .string()
  .regex(/^(?:[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\])$/, 'wants a host name without scheme, port or path')

/** session-broker.yaml, once its recipes' files have been read into it. docs/configuration.md names every key. */
export const configSchema = z.strictObject({
  listen: listenAddressSchema.prefault('127.0.0.1:8787'),
  data: path.default('./data'),
  redis: redisUrlSchema.exactOptional(),
  lockRedis: z.array(redisUrlSchema).min(1).exactOptional(),
  secretKey: secretSchema('SESSION_BROKER_SECRET_KEY').exactOptional(),
  keys: z.array(keySchema).default([]),
  tls: z.strictObject({ cert: path, key: path }).exactOptional(),
  behindTlsProxy: z.boolean().default(false),
  allowedHosts: z.array(hostName).min(1).exactOptional(),
  browser: z
    .strictObject({
      executable: path.exactOptional(),
      headless: z.boolean().default(true),
      allow: z.array(targetSchema).default([]),
      args: z.array(z.string().startsWith('-', 'wants a switch, such as --lang=de')).default([]),
    })
    .prefault({}),
  loginTimeout: durationSchema({ leastMs: 5_000, mostMs: 15 * 60_000 }).prefault('60s'),
  challenges: z
    .strictObject({
      timeout: durationSchema({ leastMs: 10_000, mostMs: 60 * 60_000 }).prefault('5m'),
      webhook: z.strictObject({ url: webUrl, secret: secretSchema('SHOP_WEBHOOK_SECRET') }).exactOptional(),
    })
    .prefault({}),
  maxLogins: z.int().min(1).max(32).default(1),
  budget: z
    .strictObject({
      loginsPerDay: timesPerDay.default(10),
      failedPerDay: timesPerDay.default(3),
      challengesPerDay: timesPerDay.default(3),
    })
    .prefault({}),
  evidence: z
    .strictObject({
      keep: z.int().min(0).max(1_000).default(20),
      maxAge: durationSchema({ leastMs: minute, mostMs: 365 * day }).prefault('14d'),
    })
    .prefault({}),
  serveStale: durationSchema({ leastMs: 1_000, mostMs: 30 * day }).prefault('1h'),
  sessions: z
    .record(sessionNameSchema, sessionConfigSchema)
    .refine((sessions) => Object.keys(sessions).length > 0, 'wants at least one session'),
})

export type ConfigText = z.infer<typeof configSchema>
export type KeyConfig = z.infer<typeof keySchema>
