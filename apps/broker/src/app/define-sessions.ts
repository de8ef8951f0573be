import { ProblemError } from '@session-broker/shared'
import type { BrokerConfig } from '../config/load-config.ts'
import { proxyMistake, readProxyUrl } from '../config/proxy-url.ts'
import type { SecretResolver } from '../config/resolve-secret.ts'
import { readReference, showReference } from '../config/secret-reference.ts'
import type { TotpRequest } from '../one-time-code/totp.ts'
import { deriveAccountId, tagCredentials } from '../seal/keyed-names.ts'
import type { Credentials, SessionDefinition, Upkeep } from '../session/session-definition.ts'

type SessionConfig = BrokerConfig['sessions'][string]

/** A mail takes its time; the challenge's own time ends it sooner. */
const longestFetchMs = 60 * 60_000

interface Naming {
  resolveSecret: SecretResolver
  /** Names accounts and secrets, so that nobody can try any on what stands in the store. */
  key: Buffer
  /** The one-time code of now. */
  currentCode: (request: TotpRequest) => Promise<string>
}

/**
 * The configured sessions as the domain knows them. Two with one account get one account id, and so share mutex, fence and
 * budget.
 * @throws ProblemError `login_misconfigured` when a username that names an account cannot be resolved.
 */
export async function defineSessions(config: BrokerConfig, naming: Naming): Promise<SessionDefinition[]> {
  return Promise.all(
    Object.entries(config.sessions).map(async ([session, each]) => {
      const { url, expect, in: where } = each.check
      const account = each.account ?? (await accountOf(session, each.login, naming))
      const { challengesPerDay, ...budget } = { ...config.budget, ...each.budget }
      return {
        session,
        account,
        loginUrl: each.login.url,
        recipe: each.recipe,
        loginTimeoutMs: config.loginTimeoutMs,
        budget,
        challenge: { timeoutMs: config.challengeTimeoutMs, perDay: challengesPerDay },
        byHand: each.login.password === undefined,
        acceptsDeviceBound: each.login.acceptDeviceBound,
        upkeep: upkeepOf(each),
        writeBack: each.writeBack,
        ...(each.proxy !== undefined && { proxy: () => proxyOf(each.proxy ?? '', naming) }),
        ...(url !== undefined && expect && { check: { url, expect, in: where } }),
        credentials: () => credentialsOf(each.login, naming),
      }
    }),
  )
}

function upkeepOf({ check, refresh }: SessionConfig): Upkeep {
  return {
    renewBeforeMs: refresh.before,
    ...(check.every !== Number.POSITIVE_INFINITY && { checkEveryMs: check.every }),
    ...(refresh.maxAge !== undefined && { maxAgeMs: refresh.maxAge }),
  }
}

async function credentialsOf(
  { username, password, totp, code }: SessionConfig['login'],
  { resolveSecret, key, currentCode }: Naming,
): Promise<Credentials> {
  const lookUp = async (text: string | undefined) => (text === undefined ? '' : resolveSecret(text))
  const [name, word, secret] = await Promise.all([lookUp(username), lookUp(password), lookUp(totp)])
  const secrets = [name, word, ...(totp === undefined ? [] : [secret])]
  return {
    username: name,
    password: word,
    tag: tagCredentials({ key, secrets }),
    ...(totp !== undefined && { code: (claim, signal) => currentCode({ secret, claim, signal }) }),
    ...(code !== undefined && { fetchCode: (signal) => fetchCode(resolveSecret, code, signal) }),
  }
}

/** @throws ProblemError `login_misconfigured` where the command fails, or prints what is no code. */
async function fetchCode(resolveSecret: SecretResolver, code: string, signal: AbortSignal): Promise<string> {
  const printed = (await resolveSecret(code, { signal, timeoutMs: longestFetchMs })).trim()
  if (/^[A-Za-z0-9-]{3,32}$/.test(printed)) return printed
  throw new ProblemError('login_misconfigured', 'the command of login.code printed something that is no code')
}

/** Who signs in by hand has no name here: the session's own stands for the account. */
async function accountOf(
  session: string,
  { url, username }: SessionConfig['login'],
  { resolveSecret, key }: Naming,
): Promise<string> {
  const name = username === undefined ? `by hand, ${session}` : await resolveSecret(username)
  return deriveAccountId({ key, loginOrigin: new URL(url).origin, username: name })
}

/** What a reference leads to was not seen when the config was checked. */
async function proxyOf(text: string, { resolveSecret }: Naming): Promise<string> {
  const url = await resolveSecret(text)
  const mistake = proxyMistake(url)
  if (mistake === undefined) return readProxyUrl(url).href
  const reference = readReference(text)
  throw new ProblemError(
    'login_misconfigured',
    `${reference ? showReference(reference) : 'proxy'} gives no proxy: it ${mistake}`,
  )
}
