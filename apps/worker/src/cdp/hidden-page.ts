import { setTimeout as sleep } from 'node:timers/promises'
import { CdpError } from './cdp-error.ts'
import type { CdpSession } from './cdp-session.ts'
import type { ChromeConnection } from './connect-to-chrome.ts'

/** A page that nobody sees: no tab in the strip, and gone with the connection. */
export interface HiddenPage extends CdpSession {
  readonly targetId: string
  /** Never rejects: a page that is gone already is closed. */
  close(): Promise<void>
}

const goneMs = 1_000

/** Opens about:blank in the default context (or in `browserContextId`). Whoever opens it closes it. */
export async function openHiddenPage(
  chrome: ChromeConnection,
  {
    signal,
    browserContextId,
  }: { signal?: AbortSignal | undefined; browserContextId?: string | undefined } = {},
): Promise<HiddenPage> {
  // Not ended by the signal: a page that is on its way could not be closed.
  const { targetId } = await chrome.send('Target.createTarget', {
    url: 'about:blank',
    // A Chrome that does not know `hidden` yet opens a tab in the background.
    hidden: true,
    background: true,
    ...(browserContextId && { browserContextId }),
  })
  const close = () => closeTarget(chrome, targetId)
  try {
    signal?.throwIfAborted()
    const { sessionId } = await chrome.send('Target.attachToTarget', { targetId, flatten: true }, { signal })
    return { ...chrome.inSession(sessionId), targetId, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** `Target.closeTarget` answers before the page is gone; its end is what detaches us. */
async function closeTarget(chrome: ChromeConnection, targetId: string): Promise<void> {
  const detached = Promise.withResolvers<void>()
  const stop = chrome.on('Target.detachedFromTarget', (event) => {
    if (event.targetId === targetId) detached.resolve()
  })
  try {
    await chrome.send('Target.closeTarget', { targetId })
    await Promise.race([detached.promise, chrome.closed, sleep(goneMs, undefined, { ref: false })])
  } catch (error) {
    if (!(error instanceof CdpError)) throw error
  } finally {
    stop()
  }
}

/**
 * Evaluates `script(argument)` in the page's main world, or in the one that `contextId` names; both sides of it travel as JSON. A
 * promise is awaited.
 *
 * @param script a named function that reaches nothing of its module but what `alongside` brings with it
 * @throws CdpError `command_refused` when the script threw
 */
export async function runInPage<Argument, Result>(
  page: CdpSession,
  script: (argument: Argument) => Result | Promise<Result>,
  argument: Argument,
  options: {
    timeoutMs: number
    signal?: AbortSignal | undefined
    alongside?: readonly PageFunction[]
    contextId?: number
  },
): Promise<Result> {
  const { alongside = [], contextId, ...bounds } = options
  const expression = callOf(script, argument, alongside)
  const { result, exceptionDetails } = await page.send(
    'Runtime.evaluate',
    { expression, awaitPromise: true, returnByValue: true, ...(contextId !== undefined && { contextId }) },
    bounds,
  )
  if (!exceptionDetails) return result.value as Result
  // The message of an error thrown in a page may hold what the page holds: only its kind is told.
  const kind = exceptionDetails.exception?.className ?? 'something'
  throw new CdpError('command_refused', `A script of the worker's threw ${kind} in the page`)
}

/** The source of `script(argument)`, with all that it reaches. */
export function callOf<Argument>(
  script: (argument: Argument) => unknown,
  argument: Argument,
  alongside: readonly PageFunction[] = [],
): string {
  return `(() => { ${[...alongside, script].join('\n')}
    return ${script.name}(${JSON.stringify(argument)}) })()`
}

/** A named function whose source is sent to a page. */
export type PageFunction = (...args: never[]) => unknown
