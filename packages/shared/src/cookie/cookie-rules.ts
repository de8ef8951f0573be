import type { Cookie } from './cookie.ts'

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unfit = /[;\u0000-\u0008\u000a-\u001f\u007f]/

type Rule = [breaks: (cookie: Cookie) => boolean, reason: string]

/** Chrome says only "Invalid cookie fields", or nothing; these are its rules, in the order of how often they are met. */
const rules: readonly Rule[] = [
  [({ sameSite, secure }) => sameSite === 'None' && !secure, 'SameSite=None needs Secure'],
  [({ name, secure }) => /^__(secure|host)-/i.test(name) && !secure, 'a name with this prefix needs Secure'],
  [
    ({ name, domain, path }) => /^__host-/i.test(name) && (domain.startsWith('.') || path !== '/'),
    'a __Host- cookie is for one host, without a leading dot, and for the path /',
  ],
  [({ partitionKey, secure }) => partitionKey !== undefined && !secure, 'a partitioned cookie needs Secure'],
  [
    ({ secure, sourceScheme }) => secure && sourceScheme === 'NonSecure',
    'Secure contradicts its sourceScheme',
  ],
  [({ domain }) => !isHost(domain.replace(/^\./, '')), 'the domain is no host name'],
  [({ name, value }) => name === '' && (value === '' || value.includes('=')), 'a cookie needs a name'],
  [({ name, value }) => byteLength(name + value) > 4096, 'name and value are longer than 4096 bytes'],
  [
    ({ name }) => name.includes('=') || name !== name.trim(),
    'the name holds "=" or begins or ends with a space',
  ],
  [({ value }) => value !== value.trim(), 'the value begins or ends with a space'],
  [({ name, value }) => unfit.test(name + value), 'it holds ";" or a control character'],
  [({ path }) => !path.startsWith('/'), 'the path does not begin with /'],
  [({ sourcePort }) => sourcePort === 0, 'the sourcePort is 0'],
]

/** Why a browser would not take the cookie, as far as that is known; undefined where nothing is. Tells nothing of its value. */
export function cookieFault(cookie: Cookie): string | undefined {
  return rules.find(([breaks]) => breaks(cookie))?.[1]
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

function isHost(host: string): boolean {
  if (!/^(\[[\da-f:.]+\]|[^\s:/?#@[\]\\]+)$/i.test(host)) return false
  return URL.canParse(`http://${host}`)
}
