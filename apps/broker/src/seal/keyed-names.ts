import { createHmac } from 'node:crypto'

/**
 * Names an account that the config doesn't name. Keyed, so that nobody can try usernames on what stands in Redis.
 * @param loginOrigin e.g. `https://shop.example`
 */
export function deriveAccountId(of: { key: Buffer; loginOrigin: string; username: string }): string {
  return `acct-${keyedName(of.key, ['account', of.loginOrigin, of.username])}`
}

/** Names secrets, to tell whether they are others than before. Keyed for the same reason. */
export function tagCredentials(of: { key: Buffer; secrets: readonly string[] }): string {
  return keyedName(of.key, ['credentials', ...of.secrets])
}

function keyedName(key: Buffer, parts: readonly string[]): string {
  return createHmac('sha256', key).update(JSON.stringify(parts)).digest('hex').slice(0, 16)
}
