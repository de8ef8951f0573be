import type { BrokerConfig } from '../config/load-config.ts'
import type { SecretResolver } from '../config/resolve-secret.ts'
import { deriveAccountId, tagCredentials } from '../seal/keyed-names.ts'
import type { Credentials, SessionDefinition, Upkeep } from '../session/session-definition.ts'

type SessionConfig = BrokerConfig['sessions'][string]

interface Naming {
  resolveSecret: SecretResolver
  /** Names accounts and secrets, so that nobody can try any on what stands in the store. */
  key: Buffer
  /** The one-time code of now. */
  currentCode: (of: { secret: string; account: string }) => Promise<string>
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
      const account = each.account ?? (await accountOf(each.login, naming))
      return {
        session,
        account,
        loginUrl: each.login.url,
        recipe: each.recipe,
        loginTimeoutMs: config.loginTimeoutMs,
        budget: { ...config.budget, ...each.budget },
        upkeep: upkeepOf(each),
        ...(url !== undefined && expect && { check: { url, expect, in: where } }),
        credentials: () => credentialsOf(each.login, { ...naming, account }),
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
  login: SessionConfig['login'],
  { resolveSecret, key, currentCode, account }: Naming & { account: string },
): Promise<Credentials> {
  const [username, password, secret] = await Promise.all([
    resolveSecret(login.username),
    resolveSecret(login.password),
    login.totp === undefined ? undefined : resolveSecret(login.totp),
  ])
  const secrets = [username, password, ...(secret === undefined ? [] : [secret])]
  return {
    username,
    password,
    tag: tagCredentials({ key, secrets }),
    ...(secret !== undefined && { code: () => currentCode({ secret, account }) }),
  }
}

async function accountOf(login: SessionConfig['login'], { resolveSecret, key }: Naming): Promise<string> {
  const username = await resolveSecret(login.username)
  return deriveAccountId({ key, loginOrigin: new URL(login.url).origin, username })
}
