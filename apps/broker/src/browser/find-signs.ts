import type { Page } from 'playwright'
import { words } from './reading/words.ts'

const mostLength = 40

/** What a control says, and where it leads, as the markup has it. */
interface Told {
  texts: string[]
  leadsTo: string
}

/**
 * The signs of being signed in that stand in the page's markup, shown or in a menu: what its log-out says and leads to. None that
 * says who is signed in.
 */
export async function findSigns(page: Page, { username }: { username: string }): Promise<string[]> {
  const told = await page
    .locator('a, button, form, input[type=submit], input[type=button], [role=menuitem], [role=button]')
    .evaluateAll(tell)
  const texts = told.flatMap((each) => each.texts).filter((text) => words.signOut.test(text))
  const paths = told.map(({ leadsTo }) => leadsTo).filter((path) => words.signOutPath.test(path))
  const isSign = (sign: string) =>
    sign.length <= mostLength && !sign.includes('?') && !sign.toLowerCase().includes(username.toLowerCase())
  return [...new Set([...texts, ...paths])].filter(isSign)
}

/** Runs in the page. */
function tell(elements: Element[]): Told[] {
  return elements.map((each) => {
    const own = each.tagName === 'FORM' ? '' : each.textContent
    const texts = [own, each.getAttribute('aria-label'), each.getAttribute('value')]
    return {
      texts: texts.map((text) => (text ?? '').trim()).filter((text) => text !== ''),
      leadsTo: each.getAttribute('href') ?? each.getAttribute('action') ?? '',
    }
  })
}
