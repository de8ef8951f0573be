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
  const https = new HttpsAgent({ keepAlive: true })
  return {
    http,
    https,
    close() {
      http.destroy()
      https.destroy()
    },
  }
}
