import type { Cookie } from './cookie.ts'

/**
 * A cookies.txt as curl, wget and yt-dlp read it: domain, sub-domains too, path, secure, expires, name, value,
 * by tabs. `#HttpOnly_` before the domain is curl's mark. Partitioned cookies have no place in the
 * format and are left out; a cookie with a tab or a line break in it as well.
 */
export function toNetscape(cookies: readonly Cookie[]): string {
  const lines = cookies
    .filter((cookie) => cookie.partitionKey === undefined)
    .map((cookie) => [
      (cookie.httpOnly ? '#HttpOnly_' : '') + cookie.domain,
      cookie.domain.startsWith('.') ? 'TRUE' : 'FALSE',
      cookie.path,
      cookie.secure ? 'TRUE' : 'FALSE',
      String(cookie.expires < 0 ? 0 : Math.floor(cookie.expires)),
      cookie.name,
      cookie.value,
    ])
    .filter((fields) => !fields.some((field) => /[\t\r\n]/.test(field)))
    .map((fields) => `${fields.join('\t')}\n`)
  return `# Netscape HTTP Cookie File\n${lines.join('')}`
}
