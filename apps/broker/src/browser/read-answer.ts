import type { Page } from 'playwright'
import { saysLocked, saysNo } from './failure-words.ts'
import { showsCaptcha } from './find-captcha.ts'
import { lasting } from './lasting.ts'

/** What the site made of the submission, as far as the page tells. */
export type SubmissionAnswer = 'form_gone' | 'form_again' | 'locked' | 'captcha' | 'server_error'

const pollMs = 50
/** A form has to be away for this long: single-page apps hide it for a moment while they ask the server. */
const goneMs = 300
/** A captcha has to stand for this long: some pass by themselves whom they trust. */
export const captchaMs = 3_000
/** A page that says no more than this has nothing else to say; more may be what somebody who is signed in reads. */
const shortPage = 1_500

interface Glance {
  /** Changes with each document, so a form that came back is told from one that never left. */
  document: number
  hasPasswordField: boolean
  showsCaptcha: boolean
  text: string
}

/**
 * Watches the page after the button was pressed until it shows an answer.
 * @throws the signal's reason when none comes.
 */
export async function readAnswer(page: Page, before: Glance, signal: AbortSignal): Promise<SubmissionAnswer> {
  const status = watchStatus(page)
  const judge = createJudge(before)
  for (;;) {
    signal.throwIfAborted()
    const now = await glance(page)
    if (now && status() >= 500) return 'server_error'
    const answer = now && judge(now)
    if (answer) return answer
    await page.waitForTimeout(pollMs)
  }
}

function createJudge(before: Glance): (now: Glance) => SubmissionAnswer | undefined {
  const isGone = lasting(goneMs)
  const hasCaptcha = lasting(captchaMs)
  return (now) => {
    const isFree = isGone(!now.hasPasswordField && !now.showsCaptcha)
    const isStuck = hasCaptcha(now.showsCaptcha)
    // What the site says comes before what it shows: with a wrong password, a captcha beside the form changes nothing.
    const said = judgeWords(before, now)
    if (said) return said
    if (now.showsCaptcha) return isStuck ? 'captcha' : undefined
    if (now.hasPasswordField && now.document !== before.document) return 'form_again'
    return isFree ? 'form_gone' : undefined
  }
}

function judgeWords(before: Glance, { hasPasswordField, text }: Glance): SubmissionAnswer | undefined {
  const said = newText(before.text, text)
  if ((hasPasswordField || said.length <= shortPage) && saysLocked(said)) return 'locked'
  return hasPasswordField && saysNo(said) ? 'form_again' : undefined
}

/** The status of the newest answer to a navigation. */
function watchStatus(page: Page): () => number {
  let status = 200
  page.on('response', (response) => {
    const isPage = response.request().isNavigationRequest() && response.frame() === page.mainFrame()
    if (isPage) status = response.status()
  })
  return () => status
}

/** Undefined while the page is between two documents. */
export async function glance(page: Page): Promise<Glance | undefined> {
  try {
    const password = page.locator('input[type=password]').filter({ visible: true })
    const [inMain, captcha, rest] = await Promise.all([
      password.count(),
      showsCaptcha(page),
      page.evaluate(() => ({
        document: performance.timeOrigin,
        // Only what is shown counts: error texts often stand hidden in the page beforehand.
        text: document.body?.innerText ?? '',
        complete: document.readyState !== 'loading',
      })),
    ])
    if (!rest.complete) return undefined
    return { document: rest.document, text: rest.text, hasPasswordField: inMain > 0, showsCaptcha: captcha }
  } catch {
    return undefined
  }
}

function newText(before: string, now: string): string {
  const known = new Set(before.split('\n'))
  return now
    .split('\n')
    .filter((line) => !known.has(line))
    .join('\n')
}
