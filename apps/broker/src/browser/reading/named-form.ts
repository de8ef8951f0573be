import type { Recipe } from '@session-broker/shared'
import type { ElementHandle, Frame, Page } from 'playwright'
import type { ButtonSeen, FieldSeen } from './document-seen.ts'
import type { FieldTarget, FrameReading, PageReading, SignInForm, Target } from './page-reading.ts'

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
  ...{ element: 0, text: 'fields.submit', kind: 'button', form: -1, overlay: -1, disabled: false },
  ...{ left: 0, top: 0, width: 0, height: 0 },
}

/** What a recipe names of the form, taken as named; undefined while none of it can be seen. */
export async function findNamedForm(page: Page, { fields }: Recipe): Promise<SignInForm | undefined> {
  for (const frame of page.frames()) {
    const [[identifier], [password], code, tick, [submit]] = await Promise.all([
      named(frame, fields.username),
      named(frame, fields.password),
      named(frame, fields.code),
      named(frame, fields.remember),
      named(frame, fields.submit),
    ])
    if (!identifier && !password && code.length === 0 && tick.length === 0 && !submit) continue
    // Under the name that the recipe has for it, the trail can tell that it was taken as named.
    const field = (element: Handle, name: keyof Recipe['fields'], type = 'text') =>
      target(frame, element, { ...unknownField, type, name: `fields.${name}` })
    return {
      ...(identifier && { identifier: field(identifier, 'username') }),
      ...(password && { password: field(password, 'password', 'password') }),
      ...(code.length > 0 && { code: code.map((each) => field(each, 'code')) }),
      ...(fields.remember !== undefined && { tick: tick.map((each) => field(each, 'remember', 'checkbox')) }),
      ...(submit && { submit: target(frame, submit, unknownButton) }),
    }
  }
  return undefined
}

/**
 * The form as it is named, with what was read of the same form for what has no name. A button or a box alone is no form: it goes with
 * the one that was read.
 */
export async function completeForm(
  form: SignInForm,
  { read, fields }: { read: PageReading; fields: Recipe['fields'] },
): Promise<SignInForm | undefined> {
  const hasField = firstField(form) !== undefined
  if (read.kind !== 'form') return hasField ? form : undefined
  if (hasField && !(await isOneForm(form, read))) return form
  const { identifier, password, code, tick, submit } = read
  return {
    ...(fields.username === undefined && identifier && { identifier }),
    ...(fields.password === undefined && password && { password }),
    ...(fields.code === undefined && code && { code }),
    ...(tick && { tick }),
    ...(submit && { submit }),
    ...form,
  }
}

function firstField({ identifier, password, code }: SignInForm): FieldTarget | undefined {
  return identifier ?? password ?? code?.[0]
}

async function isOneForm(form: SignInForm, other: SignInForm): Promise<boolean> {
  const [one, two] = [firstField(form), firstField(other)]
  if (!one || !two || one.reading.frame !== two.reading.frame) return false
  const [a, b] = await Promise.all([handleOf(one), handleOf(two)])
  if (!a || !b) return false
  return a.evaluate((element, another) => element.closest('form') === another?.closest('form'), b)
}

type Handle = ElementHandle<Element>

async function handleOf({ reading, seen }: FieldTarget): Promise<Handle | undefined> {
  const element = reading.element(seen.element)
  return 'elementHandle' in element ? ((await element.elementHandle()) as Handle) : element
}

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
    complete: true,
    url: frame.url(),
    title: '',
    text: '',
    fields: [],
    buttons: [],
    overlays: [],
    names: [],
  }
  return { reading: { frame, seen: document, element: () => element }, seen }
}
