import type { BrokerConfig } from '../config/load-config.ts'
import type { SecretResolver } from '../config/resolve-secret.ts'
import { deriveAccountId } from '../seal/derive-account-id.ts'
import type { SessionDefinition } from '../session/session-definition.ts'

/**
 * The configured sessions as the domain knows them. Two with one account get one account id, and so share mutex and fence.
 * @throws ProblemError `login_misconfigured` when a username that names an account cannot be resolved.
 */
export async function defineSessions(
  config: BrokerConfig,
  { resolveSecret, accountKey }: { resolveSecret: SecretResolver; accountKey: Buffer },
): Promise<SessionDefinition[]> {
  return Promise.all(
    Object.entries(config.sessions).map(async ([session, { account, recipe, login, check }]) => ({
      session,
      account: account ?? (await accountOf(login, { resolveSecret, accountKey })),
      loginUrl: login.url,
      recipe,
      loginTimeoutMs: config.loginTimeoutMs,
      ...(check && { check }),
      async credentials() {
        const [username, password] = await Promise.all([
          resolveSecret(login.username),
          resolveSecret(login.password),
        ])
        return { username, password }
      },
    })),
  )
}

async function accountOf(
  login: { url: string; username: string },
  { resolveSecret, accountKey }: { resolveSecret: SecretResolver; accountKey: Buffer },
): Promise<string> {
  const username = await resolveSecret(login.username)
  return deriveAccountId({ key: accountKey, loginOrigin: new URL(login.url).origin, username })
}
