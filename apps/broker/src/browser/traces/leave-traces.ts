import { withoutQuery } from '@session-broker/shared'
import type { Browser, BrowserContext, Page } from 'playwright'
import type { LoginTraces, TrailStep } from '../../session/ports/login-traces.ts'
import { atMost } from '../at-most.ts'
import { grantedValues } from './granted-values.ts'
import { takePicture } from './take-picture.ts'
import type { Trail } from './trail.ts'

/** How long a look back at a sign-in whose time is over may take, and its context stays for it. */
export const lookBackMs = 2_000
/** At one that has failed within its time. */
const unhurriedMs = 3_000

const mostCharacters = 2_000

/** Hands over what is left of a sign-in: its trail at once, then the last page, where it can still be seen in time. Never rejects. */
export async function leaveTraces(
  { browser, context }: { browser: Browser; context: BrowserContext },
  trail: Trail,
  { leave, signal }: { leave: (traces: LoginTraces) => void; signal: AbortSignal },
): Promise<void> {
  const known = { browser: `Chromium ${browser.version()}`, clean: trail.clean }
  leaveTrail(trail, (traces) => leave({ ...known, ...traces }))
  let isLate = false
  const looking = lookBack(context, trail).then((seen) => {
    if (!isLate) leave({ ...known, ...seen })
  })
  await atMost(signal.aborted ? lookBackMs : unhurriedMs, looking)
  isLate = true
}

/** Without what the site said: that may name what it has granted, which nobody has looked up. */
export function leaveTrail(trail: Trail, leave: (traces: LoginTraces) => void): void {
  leave({ clean: trail.clean, steps: ownSteps(trail) })
}

function ownSteps(trail: Trail): TrailStep[] {
  return trail.steps().filter(({ what }) => what !== 'said')
}

async function lookBack(
  context: BrowserContext,
  trail: Trail,
): Promise<Pick<LoginTraces, 'steps' | 'url' | 'text' | 'picture'>> {
  const page = context.pages().findLast((each) => !each.isClosed())
  if (!page || !/^https?:/.test(page.url())) return { steps: trail.steps() }
  await stopLoading(context, page)
  const granted = await grantedValues(context, page)
  if (!granted) return { steps: ownSteps(trail), url: trail.clean(withoutQuery(page.url())) }
  trail.hideAll(granted)
  const text = await readText(page)
  const picture = await takePicture(page, trail.hiddenPattern()).catch(() => undefined)
  return {
    steps: trail.steps(),
    url: trail.clean(withoutQuery(page.url())),
    text: trail.clean(text).slice(0, mostCharacters),
    ...(picture && { picture }),
  }
}

/** While a page waits for the next one, Chrome holds back whatever is asked of its document. */
async function stopLoading(context: BrowserContext, page: Page): Promise<void> {
  const session = await context.newCDPSession(page)
  await session.send('Page.stopLoading')
  await session.detach()
}

async function readText(page: Page): Promise<string> {
  const texts = await Promise.all(
    page.frames().map((frame) => frame.evaluate(() => document.body?.innerText ?? '').catch(() => '')),
  )
  // Cut only after the blotting: half a secret would not be found.
  return texts.join('\n').slice(0, 20 * mostCharacters)
}
