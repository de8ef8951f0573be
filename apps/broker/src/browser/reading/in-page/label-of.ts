import { attributeOf, cut, oneLine, parentOf } from './visible.ts'

/** What tells a person what belongs into a field: its label, placeholder and title, or else the text before it. */
export function labelOf(field: HTMLInputElement): string {
  const root = field.getRootNode() as Document | ShadowRoot
  const named = attributeOf(field, 'aria-labelledby')
    .split(/\s+/)
    .map((id) => (id === '' ? '' : oneLine(root.getElementById(id)?.textContent)))
    .join(' ')
  const labels = [...(field.labels ?? [])].map((label) => oneLine(label.textContent)).join(' ')
  const own = [labels, oneLine(named), attributeOf(field, 'aria-label'), field.placeholder ?? '', field.title]
  const text = own.filter((each) => each !== '').join(' | ')
  return cut(text === '' ? textBefore(field) : text, 200)
}

/** In old pages the label is just the text, or the table's cell, before the field. */
export function textBefore(field: Element): string {
  let around: Element | null = field
  for (let steps = 0; around && steps < 4; steps++) {
    const found = siblingTextBefore(around)
    if (found !== undefined) return found
    around = parentOf(around)
  }
  return ''
}

/** Undefined where there is nothing; empty where another field comes first, to which the text before it belongs. */
export function siblingTextBefore(element: Element): string | undefined {
  for (let before = element.previousSibling; before; before = before.previousSibling) {
    const isField =
      before instanceof Element && (before.matches('input, select') || before.querySelector('input, select'))
    if (isField) return ''
    const text = oneLine(before.textContent)
    if (text !== '') return text
  }
  return undefined
}

export const labelFunctions = [labelOf, textBefore, siblingTextBefore]
