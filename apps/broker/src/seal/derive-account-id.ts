import { createHmac } from 'node:crypto'

/**
 * Names an account that the config doesn't name. Keyed, so that nobody can try usernames on what stands in Redis.
 * @param loginOrigin e.g. `https://shop.example`
 */
export function deriveAccountId(of: { key: Buffer; loginOrigin: string; username: string }): string {
  const hmac = createHmac('sha256', of.key).update(JSON.stringify(['account', of.loginOrigin, of.username]))
  return `acct-${hmac.digest('hex').slice(0, 16)}`
}
