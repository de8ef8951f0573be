import type { Cookie } from '@session-broker/shared'

type Rule = [holds: (cookie: Cookie) => boolean, reason: string]

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
  [({ name, value }) => name === '' && (value === '' || value.includes('=')), 'a cookie needs a name'],
  [({ name, value }) => Buffer.byteLength(name + value) > 4096, 'name and value are longer than 4096 bytes'],
  [
    ({ name }) => name.includes('=') || name !== name.trim(),
    'the name holds "=" or begins or ends with a space',
  ],
  [({ value }) => value !== value.trim(), 'the value begins or ends with a space'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  [({ name, value }) => /[;\u0000-\u001f\u007f]/.test(name + value), 'it holds ";" or a control character'],
  [({ path }) => !path.startsWith('/'), 'the path does not begin with /'],
  [({ sourcePort }) => sourcePort === 0, 'the sourcePort is 0'],
]

/** @param how refused: with an error. dropped: Chrome answered ok and holds another cookie, or none. */
export function whyRefused(cookie: Cookie, how: 'refused' | 'dropped'): string {
  const known = rules.find(([holds]) => holds(cookie))
  if (known) return known[1]
  return how === 'refused'
    ? 'Chrome refuses it and gives no reason'
    : 'Chrome does not keep it as it is (more than 180 cookies of one site, or a rule of its own)'
}
