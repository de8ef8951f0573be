/** A visitor without a browser: keeps the cookies that one site sets, follows no redirects by itself. */
export interface Visitor {
  get(path: string, headers?: Record<string, string>): Promise<Response>
  /** Fills in the form as it was served, hidden fields included, and posts it. */
  signIn(username: string, password: string): Promise<Response>
  cookies: Map<string, string>
}

const withinMs = 10_000

export function createVisitor(url: string): Visitor {
  const cookies = new Map<string, string>()

  async function send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    if (cookies.size > 0)
      headers.set('cookie', [...cookies].map(([name, value]) => `${name}=${value}`).join('; '))
    const signal = AbortSignal.timeout(withinMs)
    const answer = await fetch(url + path, { ...init, headers, redirect: 'manual', signal })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    return answer
  }

  return {
    cookies,
    get: (path, headers = {}) => send(path, { headers }),
    async signIn(username, password) {
      const form = await (await send('/login')).text()
      const csrf = /name="csrf" value="([^"]+)"/.exec(form)?.[1] ?? ''
      return send('/login', {
        method: 'POST',
        body: new URLSearchParams({ csrf, device: 'device-1', username, password }),
      })
    },
  }
}
