import { type ChallengeKind, withoutQuery } from '@session-broker/shared'
import type { BrowserContext, Page } from 'playwright'
import { unanswered } from '../../session/challenge/unanswered.ts'
import type { LoginJob, PersonsAnswer } from '../../session/ports/site-login.ts'
import type { SignInProgress } from '../reading/page-reading.ts'
import type { PageSight, PageWatch } from '../reading/watch-page.ts'
import type { Trail } from '../traces/trail.ts'
import { hideTyping } from './hide-typing.ts'
import { createPageView } from './page-view.ts'

const longestPrompt = 1_000

type AskingJob = Pick<LoginJob, 'askPerson'> & { trail: Trail }

const outcomes: Record<PersonsAnswer['kind'], string> = {
  code: 'was given a code',
  moved_on: 'saw the page move on',
  done: 'was told to go on',
}

/** Asks a person to go on with the page as it stands; it may go on by itself meanwhile. */
export async function askOnPage(
  kind: ChallengeKind,
  {
    job,
    watch,
    sight,
    progress,
  }: { job: AskingJob; watch: PageWatch; sight: PageSight; progress: SignInProgress },
): Promise<PersonsAnswer> {
  const movedOn = async (signal: AbortSignal) => {
    await watch.until(progress, (now, stands) => (stands && now.mark !== sight.mark) || undefined, signal)
  }
  await forgetPasswords(watch.front().context())
  const question = {
    kind,
    prompt: sight.text.slice(0, longestPrompt),
    page: withoutQuery(watch.front().url()),
  }
  job.trail.did(`asked a person: ${kind}`)
  const answer = await job.askPerson(question, hideTyping(createPageView(watch.front, movedOn), job.trail))
  if (answer.kind === 'code') job.trail.hide(answer.code)
  job.trail.did(outcomes[answer.kind])
  return answer
}

/** Asks a person for the code that a recipe's function has found a field for. @throws where none is given. */
export async function askForCode(job: AskingJob, page: Page): Promise<string> {
  await forgetPasswords(page.context())
  const text = await page.locator('body').innerText()
  const question = {
    kind: 'code',
    prompt: text.slice(0, longestPrompt),
    page: withoutQuery(page.url()),
  } as const
  job.trail.did('asked a person: code')
  const answer = await job.askPerson(
    question,
    hideTyping(
      createPageView(() => page, untilAborted),
      job.trail,
    ),
  )
  if (answer.kind === 'code') {
    job.trail.hide(answer.code)
    return answer.code
  }
  throw unanswered('code', 'a person went on without one')
}

/** Lets a person do the whole sign-in, until the person says that it is done. */
export async function askToSignIn(job: AskingJob, watch: PageWatch): Promise<void> {
  const page = withoutQuery(watch.front().url())
  const prompt = 'Sign in on this page, then say that it is done.'
  job.trail.did('asked a person to sign in')
  const view = hideTyping(createPageView(watch.front, untilAborted), job.trail)
  await job.askPerson({ kind: 'sign_in', prompt, page }, view)
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}

/**
 * Whoever works on the pages could have them show what was typed. It is typed again where it is still wanted. By the setter of the
 * element itself and with the event of a typist, so that a framework that draws the field anew has nothing to draw.
 */
async function forgetPasswords(context: BrowserContext): Promise<void> {
  const emptyAll = (fields: Element[]) => {
    const setValue = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
    for (const field of fields) {
      if (!(field instanceof HTMLInputElement) || field.value === '') continue
      setValue?.call(field, '')
      field.dispatchEvent(new Event('input', { bubbles: true }))
    }
  }
  const frames = context.pages().flatMap((page) => page.frames())
  await Promise.allSettled(frames.map((frame) => frame.locator('input[type=password]').evaluateAll(emptyAll)))
}
