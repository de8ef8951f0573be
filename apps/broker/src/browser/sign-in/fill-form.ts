import type { ButtonTarget, FieldTarget, PageElement, SignInForm, Target } from '../reading/page-reading.ts'

const pressMs = 5_000

/** The page has been drawn anew since it was read, or is another by now: it has to be read again. */
export class ElementGone extends Error {
  override readonly name = 'ElementGone'
}

/** Does something with an element. @throws ElementGone where it is not to be seen any more. */
async function withElement<T>(
  { reading, seen }: Target,
  act: (element: PageElement) => Promise<T>,
): Promise<T> {
  const element = reading.element(seen.element)
  try {
    return await act(element)
  } catch (cause) {
    const isThere = await element.isVisible().catch(() => false)
    throw isThere ? cause : new ElementGone('the element is gone', { cause })
  }
}

export async function typeInto(field: FieldTarget, value: string): Promise<void> {
  await withElement(field, (element) => element.fill(value, { timeout: pressMs }))
}

/** One field takes the whole code; of several, each takes a character. Some go on by themselves, some send themselves. */
export async function typeCode(fields: readonly FieldTarget[], code: string): Promise<void> {
  const [first] = fields
  if (!first) return
  if (fields.length === 1) return typeInto(first, code)
  for (const [at, character] of [...code].entries()) {
    const field = fields[at]
    if (!field) return
    await withElement(field, async (element) => {
      // A row that moves on by itself is there already.
      if (!(await hasFocus(element))) await element.focus()
      await field.reading.frame.page().keyboard.type(character)
    })
  }
}

/** Presses what sends the form; without a button Enter does. */
export async function sendForm({ submit, ...form }: SignInForm): Promise<void> {
  if (submit) return press(submit)
  const field = form.code?.at(-1) ?? form.password ?? form.identifier
  if (!field) return
  await withElement(field, async (element) => {
    await element.focus()
    await field.reading.frame.page().keyboard.press('Enter')
  })
}

/** Ticks a box or chooses a radio button, also one that its label covers. */
export async function tick(box: FieldTarget): Promise<void> {
  await withElement(box, (element) => element.check({ timeout: pressMs, force: true }))
}

/** Presses a button, also one that something invisible lies over. */
export async function press(button: ButtonTarget): Promise<void> {
  await withElement(button, async (element) => {
    try {
      await element.click({ timeout: pressMs, noWaitAfter: true })
    } catch (error) {
      if (!(await element.isVisible())) throw error
      await dispatchClick(element)
    }
  })
}

async function hasFocus(element: PageElement): Promise<boolean> {
  const matches = (each: Element) => each.matches(':focus')
  return 'elementHandle' in element ? element.evaluate(matches) : element.evaluate(matches)
}

/** Playwright looks for the receiver of an event among what the page's scripts see, where a reading's elements are not. */
async function dispatchClick(element: PageElement): Promise<void> {
  const receiver = 'elementHandle' in element ? await element.elementHandle({ timeout: pressMs }) : element
  await receiver?.dispatchEvent('click')
}
