import type { Recipe } from '@session-broker/shared'
import type { ElementHandle, Frame, Page } from 'playwright'
import type { FieldSeen } from './document-seen.ts'
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

/** The form as a recipe names it, taken as named; undefined while none of it can be seen. */
export async function findNamedForm(page: Page, { fields }: Recipe): Promise<SignInForm | undefined> {
  for (const frame of page.frames()) {
    const identifier = await named(frame, fields.username)
    const password = await named(frame, fields.password)
    if (!identifier && !password) continue
    const submit = await named(frame, fields.submit)
    return {
      ...(identifier && { identifier: target(frame, identifier, unknownField) }),
      ...(password && { password: target(frame, password, { ...unknownField, type: 'password' }) }),
      ...(submit && {
        submit: target(frame, submit, {
          ...{ element: 0, text: '', kind: 'button' as const, form: -1, overlay: -1, disabled: false },
          ...{ left: 0, top: 0, width: 0, height: 0 },
        }),
      }),
    }
  }
  return undefined
}

async function named(
  frame: Frame,
  selector: string | undefined,
): Promise<ElementHandle<Element> | undefined> {
  if (selector === undefined) return undefined
  const found = await frame.locator(selector).filter({ visible: true }).elementHandles()
  return found[0] as ElementHandle<Element> | undefined
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
