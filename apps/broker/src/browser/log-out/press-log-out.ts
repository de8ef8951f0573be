import { setTimeout as delay } from 'node:timers/promises'
import type { Frame, Page } from 'playwright'
import type { ButtonTarget } from '../reading/page-reading.ts'
import { readFrames } from '../reading/read-page.ts'
import { words } from '../reading/words.ts'
import { ElementGone, press } from '../sign-in/fill-form.ts'
import { watchTraffic } from '../sign-in/watch-traffic.ts'

const pollMs = 150
/** How long a page may take to draw what logs out. */
const drawMs = 4_000
/** The button, and a question whether one is sure. */
const mostPresses = 3

/** Presses what logs out, and again where the page asks whether one is sure. @returns false where nothing of that kind is there. */
export async function pressLogOut(page: Page, signal: AbortSignal): Promise<boolean> {
  const traffic = watchTraffic(page)
  await traffic.untilQuiet(signal)
  for (let presses = 0; presses < mostPresses; presses++) {
    const pressed =
      (await pressSeen(page, signal, presses === 0)) || (presses === 0 && (await pressHidden(page)))
    if (!pressed) return presses > 0
    await traffic.untilQuiet(signal)
  }
  return true
}

/** Waits for it the first time; afterwards links are those of the page, and only buttons are asked with. */
async function pressSeen(page: Page, signal: AbortSignal, isFirst: boolean): Promise<boolean> {
  const endMs = performance.now() + (isFirst ? drawMs : 0)
  do {
    const button = await findLogOut(page, isFirst).catch(() => undefined)
    try {
      if (button) await press(button)
      if (button) return true
    } catch (error) {
      if (!(error instanceof ElementGone)) throw error
    }
    await delay(pollMs, undefined, { signal })
  } while (performance.now() < endMs)
  return false
}

async function findLogOut(page: Page, orLink: boolean): Promise<ButtonTarget | undefined> {
  const fits = ({ seen }: ButtonTarget) =>
    !seen.disabled && saysLogOut(seen.text) && (orLink || seen.kind !== 'link')
  const frames = await readFrames(page)
  const all = frames.flatMap((reading) =>
    reading.seen.buttons.map((seen) => ({ reading, seen })).filter(fits),
  )
  // "Sign out" before "Sign out of all devices".
  return all.toSorted((a, b) => a.seen.text.length - b.seen.text.length)[0]
}

function saysLogOut(text: string): boolean {
  return text.length < 40 && words.signOut.test(text)
}

/** In many pages it is in a menu that has to be opened first; the element itself takes the press all the same. */
async function pressHidden(page: Page): Promise<boolean> {
  for (const frame of page.frames()) if (await pressHiddenIn(frame).catch(() => false)) return true
  return false
}

async function pressHiddenIn(frame: Frame): Promise<boolean> {
  const all = frame.locator(
    'a, button, input[type=submit], input[type=button], [role=menuitem], [role=button]',
  )
  const told = await all.evaluateAll((elements) =>
    elements.map((each) => ({
      text: [
        each.textContent,
        each.getAttribute('aria-label'),
        each.getAttribute('value'),
        each.getAttribute('title'),
      ]
        .map((part) => (part ?? '').replace(/\s+/g, ' ').trim())
        .find((part) => part !== ''),
      leadsTo: each.getAttribute('href') ?? each.closest('form')?.getAttribute('action') ?? '',
    })),
  )
  const bySay = told.findIndex(({ text }) => saysLogOut(text ?? ''))
  const at = bySay >= 0 ? bySay : told.findIndex(({ leadsTo }) => words.signOutPath.test(leadsTo))
  if (at < 0) return false
  await all.nth(at).dispatchEvent('click')
  return true
}
