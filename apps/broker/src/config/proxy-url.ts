import { z } from 'zod'
import { isReference, referenceMistake } from './secret-reference.ts'

/** What is wrong with the URL of a proxy. Never repeats any of it: it may hold a password. */
export class ProxyUrlError extends Error {}

const defaultPorts: Record<string, string> = { 'http:': '80', 'https:': '443', 'socks5:': '1080' }

/** The URL of a proxy, with its port. @throws ProxyUrlError */
export function readProxyUrl(text: string): URL {
  const url = URL.parse(text)
  const port = url && defaultPorts[url.protocol]
  if (!port || url.hostname === '') {
    throw new ProxyUrlError(
      'wants the URL of a proxy: http://host:port, https://host:port or socks5://host:port',
    )
  }
  if (!/^\/?$/.test(url.pathname) || url.search || url.hash) {
    throw new ProxyUrlError(
      'takes nothing after host and port; in a user or a password write %2F for /, %3F for ?, %23 for #',
    )
  }
  if (url.port === '') url.port = port
  return url
}

/** What is wrong with it, fit to be shown. */
export function proxyMistake(text: string): string | undefined {
  try {
    readProxyUrl(text)
    return undefined
  } catch (error) {
    if (error instanceof ProxyUrlError) return error.message
    throw error
  }
}

/** A proxy's URL, or a reference to one. A URL with a password in it is a secret. */
export const proxyUrlSchema = z.string().superRefine((text, context) => {
  const message = isReference(text) ? referenceMistake(text) : (proxyMistake(text) ?? secretMistake(text))
  if (message) context.addIssue({ code: 'custom', message })
})

function secretMistake(text: string): string | undefined {
  return readProxyUrl(text).password
    ? 'wants no password here: keep the whole URL outside this file and write a reference, such as env:SHOP_PROXY'
    : undefined
}
