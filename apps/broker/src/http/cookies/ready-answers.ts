import type { IssuedSession } from '@session-broker/shared'
import type { MirroredSession } from '../../session/session-mirror.ts'
import { contentTypes, type ReadyFormat, renderSession } from './render-session.ts'

/** An answer that has only to be written: its headers as `writeHead` takes them fastest, name after value. */
export interface ReadyAnswer {
  etag: string
  headers: string[]
  body: Buffer
  notModifiedHeaders: string[]
}

/** Makes each answer once: the bytes per version, the headers whenever the session's status changes as well. */
export function createReadyAnswers() {
  const answers = perFormat<MirroredSession, ReadyAnswer>()
  const bodies = perFormat<IssuedSession, Buffer>()

  return function readyAnswer(
    mirrored: MirroredSession,
    issued: IssuedSession,
    format: ReadyFormat,
  ): ReadyAnswer {
    return answers(mirrored, format, () =>
      answerOf(
        mirrored,
        format,
        bodies(issued, format, () => renderSession(issued, format)),
      ),
    )
  }
}

/** Forgets with its key: nothing is kept of a version that nobody holds any more. */
function perFormat<K extends object, V>() {
  const known = new WeakMap<K, Map<ReadyFormat, V>>()
  return function remember(key: K, format: ReadyFormat, make: () => V): V {
    const formats = known.get(key) ?? new Map<ReadyFormat, V>()
    const ready = formats.get(format) ?? make()
    if (formats.size === 0) known.set(key, formats)
    formats.set(format, ready)
    return ready
  }
}

function answerOf({ version, status }: MirroredSession, format: ReadyFormat, body: Buffer): ReadyAnswer {
  const etag = `"${version}"`
  const notModifiedHeaders = ['ETag', etag, ...commonHeaders(status)]
  const headers = [
    'Content-Type',
    contentTypes[format],
    'Content-Length',
    String(body.length),
    ...notModifiedHeaders,
  ]
  return { etag, headers, body, notModifiedHeaders }
}

/** Of every answer with a state, whatever its form. */
export function commonHeaders(status: MirroredSession['status']): string[] {
  return [
    'Session-Status',
    status,
    'Cache-Control',
    'no-store',
    'Vary',
    'Authorization',
    'X-Content-Type-Options',
    'nosniff',
  ]
}
