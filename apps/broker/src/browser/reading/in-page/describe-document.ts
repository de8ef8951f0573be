import type { ButtonSeen, DocumentSeen, FieldSeen, OverlaySeen } from '../document-seen.ts'
import { labelFunctions, labelOf } from './label-of.ts'
import {
  attributeOf,
  cut,
  isInReach,
  isSeen,
  nearest,
  oneLine,
  placeOf,
  visibleFunctions,
} from './visible.ts'

/** What has been found so far. */
interface Findings {
  elements: Element[]
  fields: FieldSeen[]
  buttons: ButtonSeen[]
  overlays: OverlaySeen[]
  names: string[]
  lines: string[]
  textLength: number
  formNumbers: Map<Element, number>
  overlayNumbers: Map<Element, number>
}

/**
 * Runs in a document: tells what it shows, with the elements beside it, in the order in which `element` counts them. Open
 * shadow roots are part of the document; frames are not.
 */
export function describeDocument(): { seen: DocumentSeen; elements: Element[] } {
  const found: Findings = {
    ...{ elements: [], fields: [], buttons: [], overlays: [], names: [], lines: [], textLength: 0 },
    ...{ formNumbers: new Map(), overlayNumbers: new Map() },
  }
  if (document.body) visit(document.body, document.body, found)
  const seen: DocumentSeen = {
    document: performance.timeOrigin,
    url: location.origin + location.pathname,
    complete: document.readyState === 'complete' && !goesOn(),
    title: oneLine(document.title),
    text: cut(found.lines.join('\n'), 20_000),
    fields: found.fields,
    buttons: found.buttons,
    overlays: found.overlays,
    names: found.names,
  }
  return { seen, elements: found.elements }
}

/** Within ten seconds, to another page. */
function goesOn(): boolean {
  const refresh = document.querySelector('meta[http-equiv=refresh i]')?.getAttribute('content') ?? ''
  return /^\s*\d\s*[;,]\s*url/i.test(refresh)
}

function visit(node: Node, parent: Element, found: Findings): void {
  if (node instanceof Text) noteText(node, parent, found)
  if (!(node instanceof Element) || /^(?:script|style|noscript|template|option|svg)$/i.test(node.tagName))
    return
  noteElement(node, found)
  for (const child of childrenOf(node)) visit(child, node, found)
}

function childrenOf(node: Element): Iterable<Node> {
  if (node.shadowRoot) return node.shadowRoot.childNodes
  if (!(node instanceof HTMLSlotElement)) return node.childNodes
  const assigned = node.assignedNodes()
  return assigned.length > 0 ? assigned : node.childNodes
}

function noteText(node: Text, parent: Element, found: Findings): void {
  const text = oneLine(node.data)
  const isEnough = found.textLength > 20_000
  if (text === '' || isEnough || !parent.checkVisibility({ visibilityProperty: true })) return
  const { lines } = found
  const isInline = getComputedStyle(parent).display.startsWith('inline') && lines.length > 0
  if (isInline) lines[lines.length - 1] += ` ${text}`
  else lines.push(text)
  found.textLength += text.length
}

function noteElement(element: Element, found: Findings): void {
  if (element.matches('img, input') && found.names.length < 300 && isInReach(element))
    found.names.push(namesOf(element))
  const type = attributeOf(element, 'type').toLowerCase()
  const isButton =
    element.matches('button, a[href], [role=button], [role=link], [role=menuitem], [role=tab]') ||
    (element.tagName === 'INPUT' && /^(?:submit|button|image)$/.test(type)) ||
    isClickable(element)
  if (isButton && isSeen(element)) noteButton(element as HTMLElement, found)
  if (isButton || !element.matches('input, textarea, select')) return
  if (!/^(?:hidden|reset|file|range|color)$/.test(type) && isSeen(element))
    noteField(element as HTMLInputElement, found)
}

/** All that it is called, as the markup has it. */
function namesOf(element: Element): string {
  const names = ['id', 'class', 'name', 'src', 'alt', 'placeholder']
  return names.map((name) => attributeOf(element, name).slice(0, 200)).join(' ')
}

/** Lists and boxes that scripts have made into buttons: the pointer changes over them, and not around them. */
function isClickable(element: Element): boolean {
  if (!element.matches('li, div, span, tr, p') || !(element.textContent ?? '').trim()) return false
  const around = element.parentElement
  const isPointer = (each: Element | null) => each !== null && getComputedStyle(each).cursor === 'pointer'
  return element.hasAttribute('onclick') || (isPointer(element) && !isPointer(around))
}

function noteField(field: HTMLInputElement, found: Findings): void {
  // By the property: to a browser, a type that it does not know is text.
  const type = field.tagName === 'INPUT' ? field.type : field.tagName
  found.fields.push({
    element: found.elements.push(field) - 1,
    type: type.toLowerCase(),
    name: field.name,
    id: field.id,
    autocomplete: attributeOf(field, 'autocomplete').toLowerCase(),
    inputMode: attributeOf(field, 'inputmode').toLowerCase(),
    label: labelOf(field),
    maxLength: field.maxLength ?? -1,
    form: formOf(field, found),
    filled: field.tagName !== 'SELECT' && field.value !== '',
    tabbable: field.tabIndex >= 0,
    readOnly: field.readOnly === true || field.disabled,
    checked: field.checked === true,
    ...placeOf(field),
  })
}

function noteButton(button: HTMLElement, found: Findings): void {
  if (found.buttons.length > 250) return
  found.buttons.push({
    element: found.elements.push(button) - 1,
    text: cut(buttonText(button), 120),
    kind: buttonKind(button),
    form: formOf(button, found),
    overlay: overlayOf(button, found),
    disabled: button.matches(':disabled, [aria-disabled=true]'),
    ...placeOf(button),
  })
}

function buttonText(button: HTMLElement): string {
  const input = button as HTMLInputElement
  const own = button.tagName === 'INPUT' ? input.value || input.alt : oneLine(button.innerText)
  return own || attributeOf(button, 'aria-label') || attributeOf(button, 'title')
}

function buttonKind(button: HTMLElement): ButtonSeen['kind'] {
  if (button.tagName === 'A' && attributeOf(button, 'role') !== 'button') return 'link'
  const submits = button.matches(
    'button:not([type]), button[type=submit], input[type=submit], input[type=image]',
  )
  return submits && button.closest('form') !== null ? 'submit' : 'button'
}

/** -1 where there is no `<form>`. */
function formOf(element: Element, { formNumbers }: Findings): number {
  const form = (element as HTMLInputElement).form ?? nearest(element, (each) => each.tagName === 'FORM')
  if (!form) return -1
  const known = formNumbers.get(form) ?? formNumbers.size
  formNumbers.set(form, known)
  return known
}

function overlayOf(element: Element, { overlayNumbers, overlays }: Findings): number {
  const block = nearest(element, isOverlay)
  if (!block) return -1
  const known = overlayNumbers.get(block)
  if (known !== undefined) return known
  const text = oneLine((block as HTMLElement).innerText).slice(0, 600)
  const number = overlays.push({ text, modal: block.matches('dialog[open], [aria-modal=true]') }) - 1
  overlayNumbers.set(block, number)
  return number
}

function isOverlay(element: Element): boolean {
  if (element === document.body || element === document.documentElement) return false
  if (element.matches('dialog[open], [role=dialog], [role=alertdialog], [aria-modal=true]')) return true
  const { position, zIndex } = getComputedStyle(element)
  return position === 'fixed' || (position === 'sticky' && Number(zIndex) > 0)
}

/** The functions, as a text that may be evaluated anywhere. */
export const describeDocumentSource = [
  ...visibleFunctions,
  ...labelFunctions,
  ...[
    goesOn,
    visit,
    childrenOf,
    noteText,
    noteElement,
    namesOf,
    noteField,
    noteButton,
    buttonText,
    buttonKind,
    formOf,
    overlayOf,
  ],
  ...[isOverlay, isClickable, describeDocument],
].join('\n')
