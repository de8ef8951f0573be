import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** Connections that are kept for the next request. */
export interface Connections {
  http: HttpAgent
  https: HttpAgent
  /** Ends them; requests under way fail. */
  close(): void
}

/** @param agent stays the caller's to end; left out: agents of its own */
export function openConnections(agent?: HttpAgent): Connections {
  if (agent) return { http: agent, https: agent, close() {} }
  const http = new HttpAgent({ keepAlive: true })
  let https: HttpsAgent | undefined
  return {
    http,
    get https() {
      https ??= new HttpsAgent({ keepAlive: true })
      return https
    },
    close() {
      http.destroy()
      https?.destroy()
    },
  }
}
