import { setTimeout as delay } from 'node:timers/promises'
import type { Recipe } from '@session-broker/shared'
import type { Page, Request, Response } from 'playwright'
import { classifyPage } from './classify-page.ts'
import type { DocumentSeen } from './document-seen.ts'
import { isPasswordField } from './field-role.ts'
import { showsCaptcha } from './find-captcha.ts'
import { completeForm, findNamedForm } from './named-form.ts'
import type { FrameReading, PageReading, SignInProgress } from './page-reading.ts'
import { readFrames } from './read-page.ts'
import { words } from './words.ts'

/** Each look costs the page and us: at what has stood for a while they are fewer. */
const pollAfterMs = (stoodMs: number) => Math.min(Math.max(25, stoodMs / 10), 250)

/** How long a reading has to stand before it is believed: pages are drawn bit by bit, and pass through others on their way. */
const dwellMs: Record<PageReading['kind'], number> = {
  form: 150,
  cookie_banner: 300,
  captcha: 3_000,
  account_chooser: 300,
  method_choice: 500,
  stay_signed_in: 500,
  consent: 500,
  offer: 700,
  entrance: 1_200,
  approve_elsewhere: 700,
  workspace: 500,
  several_workspaces: 1_200,
  password_change: 700,
  nothing: 500,
}
/** What is whole, with nothing on its way, is believed sooner: a form, and a page that shows the way out. */
const wholeDwellMs = { form: 50, wayOut: 50 } as const
/** With requests under way, or more to come, a page that shows nothing yet is given longer; not for ever, since some never rest. */
const restlessMs = 6_000

export interface PageSight {
  reading: PageReading
  /** Without query and fragment. */
  url: string
  /** Differs for each document. */
  document: number
  /** Differs where the documents, or what they want, are others. */
  mark: string
  /** What can be read, all frames together. */
  text: string
  /** Whether every frame is whole, and none goes on by itself or is being sent. */
  complete: boolean
  /** Whether a button or link says that it signs out. */
  showsWayOut: boolean
}

/** Looks at the page, and at windows that it opens, through a whole sign-in. */
export interface PageWatch {
  /** Looks until the judge comes to something. @throws the signal's reason. */
  until<T>(
    progress: SignInProgress,
    judge: (sight: PageSight, stands: boolean) => T | undefined,
    signal: AbortSignal,
  ): Promise<T>
  /** The status of the page's newest document. */
  status(): number
  /** The status that the page's site last gave to what a script has sent there. */
  sentStatus(): number
  /** The window in front: one that the page has opened, until it is closed. */
  front(): Page
}

export function watchPage(page: Page, recipe: Recipe): PageWatch {
  const underWay = new Set<Request>()
  let status = 200
  let sentStatus = 200
  const follow = (each: Page) => {
    each.on('request', (request) => {
      if (/^(?:document|xhr|fetch|script)$/.test(request.resourceType())) underWay.add(request)
    })
    each.on('requestfinished', (request) => underWay.delete(request))
    each.on('requestfailed', (request) => underWay.delete(request))
    each.on('response', (response) => {
      const isDocument = response.request().isNavigationRequest() && response.frame() === each.mainFrame()
      if (isDocument) [status, sentStatus] = [response.status(), 200]
      if (isSentByScript(response, each)) sentStatus = response.status()
    })
    each.on('dialog', (dialog) => void dialog.accept().catch(() => undefined))
  }
  follow(page)
  page.context().on('page', follow)

  function front(): Page {
    const open = page.context().pages()
    return open.findLast((each) => !each.isClosed()) ?? page
  }

  async function look(progress: SignInProgress): Promise<PageSight | undefined> {
    const now = front()
    const [frames, named] = await Promise.all([readFrames(now), findNamedForm(now, recipe)])
    const isCaptcha = await showsCaptcha(now, frames)
    const main = frames.find(({ frame }) => frame === now.mainFrame())
    if (!main) return undefined
    const read = classifyPage(frames, progress)
    const form = named && (await completeForm(named, { read, fields: recipe.fields }))
    const reading: PageReading =
      read.kind === 'cookie_banner'
        ? read
        : isCaptcha && main.seen.document !== progress.captchaPassedIn
          ? { kind: 'captcha' }
          : form
            ? { kind: 'form', ...form }
            : read
    const text = frames.map(({ seen }) => seen.text).join('\n')
    return {
      ...{ reading, text, url: main.seen.url, document: main.seen.document, mark: markOf(reading, frames) },
      complete: frames.every(({ seen }) => seen.complete && !isSending(seen)),
      showsWayOut: frames.some(({ seen }) => seen.buttons.some((button) => words.signOut.test(button.text))),
    }
  }

  async function until<T>(
    progress: SignInProgress,
    judge: (sight: PageSight, stands: boolean) => T | undefined,
    signal: AbortSignal,
  ): Promise<T> {
    const standing = createStanding(() => underWay.size > 0)
    for (;;) {
      signal.throwIfAborted()
      const sight = await look(progress).catch(() => undefined)
      const stood = sight && standing(sight)
      const result = stood && judge(sight, stood.isEnough)
      if (result !== undefined) return result
      await delay(pollAfterMs(stood?.stoodMs ?? 0))
    }
  }

  return { until, status: () => status, sentStatus: () => sentStatus, front }
}

function isSentByScript(response: Response, page: Page): boolean {
  const request = response.request()
  const isSent = request.method() !== 'GET' && /^(?:xhr|fetch)$/.test(request.resourceType())
  return isSent && new URL(response.url()).host === URL.parse(page.url())?.host
}

/** Its password can't be changed now: a script has locked the form while it is under way. */
function isSending({ fields }: DocumentSeen): boolean {
  return fields.some((field) => isPasswordField(field) && field.readOnly)
}

interface Standing {
  stoodMs: number
  /** To be believed. */
  isEnough: boolean
}

/** Tells of look after look how long what it sees has stood. */
function createStanding(isRestless: () => boolean): (sight: PageSight) => Standing {
  let mark = ''
  let sinceMs = 0
  return (sight) => {
    const nowMs = performance.now()
    if (sight.mark !== mark) [mark, sinceMs] = [sight.mark, nowMs]
    const stoodMs = nowMs - sinceMs
    const isWhole = sight.complete && !isRestless()
    const isDrawn = sight.reading.kind !== 'nothing' || isWhole || stoodMs > restlessMs
    return { stoodMs, isEnough: isDrawn && stoodMs >= dwellOf(sight, isWhole) }
  }
}

function dwellOf({ reading: { kind }, showsWayOut }: PageSight, isWhole: boolean): number {
  if (isWhole && kind === 'form') return wholeDwellMs.form
  if (isWhole && kind === 'nothing' && showsWayOut) return wholeDwellMs.wayOut
  return dwellMs[kind]
}

/** Each document by itself and what it wants; not what is typed. */
function markOf(reading: PageReading, frames: readonly FrameReading[]): string {
  const documents = frames.map(({ seen }) => [seen.document, seen.url])
  return JSON.stringify([reading.kind, documents, wantsOf(reading)])
}

function wantsOf(reading: PageReading): unknown {
  if (reading.kind !== 'form') return 'press' in reading ? reading.press.seen.text : ''
  const { identifier, password, code } = reading
  const of = (seen: { name: string; id: string; type: string } | undefined) =>
    seen && [seen.name, seen.id, seen.type]
  return [of(identifier?.seen), of(password?.seen), code?.map(({ seen }) => of(seen))]
}
