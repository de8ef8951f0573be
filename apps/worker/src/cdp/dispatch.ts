import { CdpError } from './cdp-error.ts'
import type { CdpSession, SendOptions } from './cdp-session.ts'
import type { CdpTransport } from './cdp-transport.ts'

const commandMs = 10_000

interface Message {
  id?: number
  method?: string
  params?: unknown
  result?: unknown
  error?: { code: number; message: string }
  sessionId?: string
}

interface Waiting {
  method: string
  resolve(result: never): void
  reject(error: unknown): void
}

/** Pairs answers with commands and hands events to their listeners, for all sessions of one connection. */
export function createDispatch(transport: CdpTransport): { inSession(sessionId?: string): CdpSession } {
  const waiting = new Map<number, Waiting>()
  const listeners = new Map<string, Set<(params: never) => void>>()
  let lastId = 0
  let isGone = false

  transport.onText((text) => {
    const message = JSON.parse(text) as Message
    if (message.id !== undefined) return answer(message.id, message)
    for (const listener of listeners.get(key(message.sessionId, message.method)) ?? [])
      listener(message.params as never)
  })
  transport.closed.then(() => {
    isGone = true
    for (const { method, reject } of waiting.values()) reject(gone(method))
    waiting.clear()
  })

  function answer(id: number, { result, error }: Message) {
    const command = waiting.get(id)
    if (!command) return
    waiting.delete(id)
    if (!error) return command.resolve(result as never)
    command.reject(new CdpError('command_refused', `Chrome refuses ${command.method}: ${error.message}`))
  }

  function call(text: (id: number) => string, method: string, options: SendOptions): Promise<never> {
    const { timeoutMs = commandMs, signal } = options
    if (isGone) return Promise.reject(gone(method))
    if (signal?.aborted) return Promise.reject(signal.reason)
    const id = ++lastId
    const { promise, resolve, reject } = Promise.withResolvers<never>()
    waiting.set(id, { method, resolve, reject })
    const timer = setTimeout(
      () => reject(new CdpError('command_timeout', `Chrome did not answer ${method} in ${timeoutMs} ms`)),
      timeoutMs,
    )
    const onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    transport.send(text(id))
    return promise.finally(() => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
      waiting.delete(id)
    })
  }

  return {
    inSession: (sessionId) => ({
      send: (method, params = {}, options = {}) =>
        call((id) => JSON.stringify({ id, method, params, sessionId }), method, options),
      on(event, listener) {
        const name = key(sessionId, event)
        const set = listeners.get(name) ?? new Set()
        listeners.set(name, set.add(listener))
        return () => {
          set.delete(listener)
          if (set.size === 0 && listeners.get(name) === set) listeners.delete(name)
        }
      },
    }),
  }
}

function key(sessionId = '', method = ''): string {
  return `${sessionId} ${method}`
}

function gone(method: string): CdpError {
  return new CdpError('chrome_gone', `The connection to Chrome ended before it answered ${method}`)
}
