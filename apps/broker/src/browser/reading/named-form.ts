import type { Recipe } from '@session-broker/shared'
import type { ElementHandle, Frame, Page } from 'playwright'
import type { ButtonSeen, FieldSeen } from './document-seen.ts'
import type { FrameReading, SignInForm, Target } from './page-reading.ts'

const unknownField: FieldSeen = {
  ...{
    element: 0,
    type: 'text',
    name: '',
    id: '',
    autocomplete: '',
    inputMode: '',
    label: '',
    maxLength: -1,
  },
  ...{ form: -1, filled: false, tabbable: true, readOnly: false, checked: false },
  ...{ left: 0, top: 0, width: 0, height: 0 },
}

const unknownButton: ButtonSeen = {
  ...{ element: 0, text: '', kind: 'button', form: -1, overlay: -1, disabled: false },
  ...{ left: 0, top: 0, width: 0, height: 0 },
}

/** The form as a recipe names it, taken as named; undefined while none of it can be seen. */
export async function findNamedForm(page: Page, { fields }: Recipe): Promise<SignInForm | undefined> {
  for (const frame of page.frames()) {
    const [[identifier], [password], code] = await Promise.all([
      named(frame, fields.username),
      named(frame, fields.password),
      named(frame, fields.code),
    ])
    if (!identifier && !password && code.length === 0) continue
    const [[submit], tick] = await Promise.all([named(frame, fields.submit), named(frame, fields.remember)])
    const field = (element: Handle, type = 'text') => target(frame, element, { ...unknownField, type })
    return {
      ...(identifier && { identifier: field(identifier) }),
      ...(password && { password: field(password, 'password') }),
      ...(code.length > 0 && { code: code.map((each) => field(each)) }),
      tick: tick.map((each) => field(each, 'checkbox')),
      ...(submit && { submit: target(frame, submit, unknownButton) }),
    }
  }
  return undefined
}

type Handle = ElementHandle<Element>

/** All that can be seen of it. */
async function named(frame: Frame, selector: string | undefined): Promise<Handle[]> {
  if (selector === undefined) return []
  const found = await frame.locator(selector).filter({ visible: true }).elementHandles()
  return found as Handle[]
}

function target<Seen extends FieldSeen | Target['seen']>(
  frame: Frame,
  element: ElementHandle<Element>,
  seen: Seen,
): { reading: FrameReading; seen: Seen } {
  const document = {
    document: 0,
    url: frame.url(),
    title: '',
    text: '',
    fields: [],
    buttons: [],
    overlays: [],
  }
  return { reading: { frame, seen: document, element: async () => element }, seen }
}
