import type { Page } from 'playwright'
import { words } from '../reading/words.ts'

const mostLength = 40
const mostLinks = 20

/** What a page shows to who is signed in; nothing of it says who that is. */
export interface Signs {
  /** What its log-out says and leads to, as the markup has it; shown, or in a menu. */
  signs: string[]
  /** Addresses of pages that are somebody's own, by the words of the links to them. */
  links: string[]
}

/** What a control says, and where it leads. */
interface Told {
  texts: string[]
  /** As the markup has it. */
  leadsTo: string
  /** Of a link: whole. */
  address: string
}

export async function findSigns(page: Page, { username }: { username: string }): Promise<Signs> {
  const told = await page.evaluate(tell)
  const texts = told.flatMap((each) => each.texts).filter((text) => words.signOut.test(text))
  const paths = told.map(({ leadsTo }) => leadsTo).filter((path) => words.signOutPath.test(path))
  const saysWho = (text: string) => text.toLowerCase().includes(username.toLowerCase())
  const isSign = (sign: string) => sign.length <= mostLength && !sign.includes('?') && !saysWho(sign)
  const isOwn = ({ texts, address }: Told) =>
    /^https?:/.test(address) && !saysWho(address) && texts.some((text) => words.ownPages.test(text))
  return {
    signs: [...new Set([...texts, ...paths])].filter(isSign),
    links: [...new Set(told.filter(isOwn).map(({ address }) => address))].slice(0, mostLinks),
  }
}

/** Runs in the page. */
function tell(): Told[] {
  const controls = 'a, button, form, input[type=submit], input[type=button], [role=menuitem], [role=button]'
  const within = (root: Document | ShadowRoot): Element[] =>
    [...root.querySelectorAll('*')].flatMap((each) => [
      ...(each.matches(controls) ? [each] : []),
      ...(each.shadowRoot ? within(each.shadowRoot) : []),
    ])
  return within(document).map((each) => {
    const own = each.tagName === 'FORM' ? '' : each.textContent
    const texts = [own, each.getAttribute('aria-label'), each.getAttribute('value')]
    return {
      texts: texts.map((text) => (text ?? '').trim()).filter((text) => text !== ''),
      leadsTo: each.getAttribute('href') ?? each.getAttribute('action') ?? '',
      address: each instanceof HTMLAnchorElement ? each.href : '',
    }
  })
}
