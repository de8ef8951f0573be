import type { LogOutHook } from '@session-broker/recipe'
import { ProblemError } from '@session-broker/shared'
import type { Browser, BrowserContext, Page } from 'playwright'
import { exitRequestOf } from '../../session/exit-request.ts'
import type { LogOutJob, LogOutPress } from '../../session/ports/site-log-out.ts'
import type { BrowserHouse, ContextOptions } from '../house/browser-house.ts'
import { runSteps } from '../sign-in/run-steps.ts'
import type { HooksOf } from '../sign-in/sign-in.ts'
import { watchTraffic } from '../sign-in/watch-traffic.ts'
import { restoreSessionStorage, withoutSessionStorage } from '../state/session-storage.ts'
import { setCookies } from '../state/set-cookies.ts'
import { pressLogOut } from './press-log-out.ts'

const openMs = 15_000

interface Stage {
  browser: Browser
  context: BrowserContext
  page: Page
  hook: LogOutHook | undefined
}

/** Logs out with a real browser that holds the state: as the recipe says, or by the button that says so. */
export function createLogOutPress(house: BrowserHouse, hooksOf: HooksOf = () => undefined): LogOutPress {
  return (job) => {
    const { state, signal } = job
    const { userAgent, userAgentMetadata, origins } = state
    const exit = exitRequestOf(job.definition, () => signal.aborted)
    const storageState = { cookies: [], origins: origins.map(withoutSessionStorage) }
    const options = {
      signal,
      exit,
      userAgentMetadata,
      context: { userAgent, storageState },
    } as ContextOptions
    return house.withContext(options, (context, browser, page) =>
      leave({ browser, context, page, hook: hooksOf(job.definition.session)?.logout }, job),
    )
  }
}

async function leave({ browser, context, page, hook }: Stage, job: LogOutJob) {
  page.on('dialog', (dialog) => void dialog.accept().catch(() => undefined))
  await setCookies(browser, context, page, job.state.cookies)
  await restoreSessionStorage(context, job.state)
  const traffic = watchTraffic(page)
  try {
    const pressed = hook ? await runLogOut(page, hook, job) : await press(page, job)
    if (pressed) await traffic.untilQuiet(job.signal)
    return pressed ? { pressed } : { pressed, detail: nothingToPress(job) }
  } catch (error) {
    // Of the recipe: it names the step that could not be done.
    if (error instanceof ProblemError) return { pressed: false as const, detail: error.message }
    throw error
  }
}

async function runLogOut(page: Page, hook: LogOutHook, { definition, check, signal }: LogOutJob) {
  const { session, loginUrl } = definition
  await open(page, check.url)
  try {
    await hook(page, { session, loginUrl, checkUrl: check.url, signal })
    return true
  } catch (cause) {
    if (signal.aborted) throw cause
    throw new ProblemError('login_misconfigured', 'the recipe\'s function "logout" failed', { cause })
  }
}

async function press(page: Page, { definition, check, signal }: LogOutJob): Promise<boolean> {
  const { logout } = definition.recipe
  if (logout) {
    await open(page, logout.url ?? check.url)
    await runSteps(page, logout.steps, { where: 'logout' })
    return true
  }
  for (const url of new Set([check.url, definition.loginUrl, new URL('/', check.url).href])) {
    await open(page, url)
    if (await pressLogOut(page, signal)) return true
  }
  return false
}

async function open(page: Page, url: string): Promise<void> {
  try {
    await page.goto(url, { timeout: openMs, waitUntil: 'domcontentloaded' })
  } catch (cause) {
    if (page.isClosed()) throw cause
    throw new ProblemError('login_site_down', `${new URL(url).origin} does not answer`, { cause })
  }
}

function nothingToPress({ check }: LogOutJob): string {
  return `nothing that logs out was found at ${new URL(check.url).origin}: a recipe can say how to log out`
}
