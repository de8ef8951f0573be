import type { Page } from 'playwright'

/** What the site made of the submission, as far as the page tells. */
export type SubmissionAnswer = 'form_gone' | 'form_again' | 'server_error'

const pollMs = 50
/** A form has to be away for this long: single-page apps hide it for a moment while they ask the server. */
const goneMs = 300

/** Words of an error beside a form that stays; only looked for in text that was not there before. */
const rejectionWords =
  /incorrect|invalid|wrong|fail|denied|not (?:match|recogni[sz]ed|valid|correct)|unauthori[sz]ed|falsch|ung(?:ü|ue)ltig|incorrect[eo]|invalide|inv[áa]lid|erron/i

interface Glance {
  /** Changes with each document, so a form that came back is told from one that never left. */
  document: number
  hasPasswordField: boolean
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
  let goneSinceMs: number | undefined
  return (now) => {
    if (isRejection(before, now)) return 'form_again'
    goneSinceMs = now.hasPasswordField ? undefined : (goneSinceMs ?? performance.now())
    return goneSinceMs !== undefined && performance.now() - goneSinceMs >= goneMs ? 'form_gone' : undefined
  }
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

/** The form is there again in a new document, or still there with words that say no. */
function isRejection(before: Glance, now: Glance): boolean {
  if (!now.hasPasswordField) return false
  return now.document !== before.document || rejectionWords.test(newText(before.text, now.text))
}

/** Undefined while the page is between two documents. */
export async function glance(page: Page): Promise<Glance | undefined> {
  try {
    const password = page.locator('input[type=password]').filter({ visible: true })
    const [inMain, rest] = await Promise.all([
      password.count(),
      page.evaluate(() => ({
        document: performance.timeOrigin,
        // Only what is shown counts: error texts often stand hidden in the page beforehand.
        text: document.body?.innerText ?? '',
        complete: document.readyState !== 'loading',
      })),
    ])
    return rest.complete
      ? { document: rest.document, text: rest.text, hasPasswordField: inMain > 0 }
      : undefined
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
