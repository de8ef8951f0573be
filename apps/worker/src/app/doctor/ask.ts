import { request as byHttp, type IncomingHttpHeaders } from 'node:http'
import { request as byHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import { type Problem, problemSchema } from '@session-broker/shared'

export interface Question {
  method?: 'GET' | 'POST' | 'PUT'
  headers?: Record<string, string>
  body?: string
  withinMs?: number
}

export interface RawAnswer {
  status: number
  headers: IncomingHttpHeaders
  text: string
}

/** One request, as it comes: no replica, no repetition, no judgement. */
export function ask(url: URL, question: Question = {}): Promise<RawAnswer> {
  const { method = 'GET', headers = {}, body, withinMs = 10_000 } = question
  const send = url.protocol === 'https:' ? byHttps : byHttp
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(withinMs)
    send(url, { method, headers, signal, agent: false }, (response) => {
      const { statusCode: status = 0 } = response
      text(response).then((read) => resolve({ status, headers: response.headers, text: read }), reject)
    })
      .on('error', reject)
      .end(body)
  })
}

export function problemOf({ text: body }: RawAnswer): Problem | undefined {
  return problemSchema.safeParse(jsonOf(body)).data
}

/** Undefined where it is none. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return undefined
  }
}
