export interface SessionRequestInit extends RequestInit {
  /**
   * Whether the request may be sent a second time with a new generation. Left out: GET, HEAD and OPTIONS may. A stream as its body
   * can't be sent again.
   */
  retry?: boolean | undefined
}

/** A request that can be sent several times: after a redirect, and with a new generation. */
export interface RequestPlan {
  readonly url: URL
  readonly method: string
  /** As the caller gave them. */
  readonly headers: Headers
  readonly body: RequestInit['body']
  readonly isStream: boolean
  readonly redirect: Request['redirect']
  readonly signal: AbortSignal | undefined
  readonly mayRepeat: boolean
  /** What else `fetch` knows: `dispatcher`, `cache` and so on. */
  readonly rest: RequestInit
}

const repeatable = ['GET', 'HEAD', 'OPTIONS']

/** Throws a TypeError for what `fetch` would not take. */
export async function planOf(
  input: string | URL | Request,
  { retry, ...init }: SessionRequestInit = {},
): Promise<RequestPlan> {
  const given = input instanceof Request ? input : undefined
  const url = new URL(given ? given.url : (input as string | URL))
  if (!/^https?:$/.test(url.protocol))
    throw new TypeError('an address to fetch has the form https://host/path')
  const method = (init.method ?? given?.method ?? 'GET').toUpperCase()
  const body = init.body ?? (given?.body ? await given.arrayBuffer() : undefined)
  const isStream = body instanceof ReadableStream || isAsyncIterable(body)
  const { headers, redirect, signal, method: _method, body: _body, ...rest } = init
  return {
    ...{ url, method, body, isStream, rest },
    headers: new Headers(headers ?? given?.headers),
    redirect: redirect ?? given?.redirect ?? 'follow',
    signal: signal ?? given?.signal,
    mayRepeat: !isStream && (retry ?? repeatable.includes(method)),
  }
}

function isAsyncIterable(body: unknown): boolean {
  return typeof body === 'object' && body !== null && Symbol.asyncIterator in body && !(body instanceof Blob)
}
