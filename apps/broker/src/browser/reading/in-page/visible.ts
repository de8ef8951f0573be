import type { Place } from '../document-seen.ts'

/** The element around this one as it is drawn: out of slots and shadow roots, too. */
export function parentOf(element: Element): Element | null {
  if (element.assignedSlot) return element.assignedSlot
  if (element.parentElement) return element.parentElement
  const root = element.getRootNode()
  return root instanceof ShadowRoot ? root.host : null
}

/** The element itself or the nearest one around it that fits. */
export function nearest(element: Element, fits: (each: Element) => boolean): Element | null {
  for (let each: Element | null = element; each; each = parentOf(each)) if (fits(each)) return each
  return null
}

export function placeOf(element: Element): Place {
  const { left, top, width, height } = element.getBoundingClientRect()
  return {
    left: Math.round(left),
    top: Math.round(top),
    width: Math.round(width),
    height: Math.round(height),
  }
}

/** A longer text ends in `…`, so that half a secret before it can be told. */
export function cut(text: string, mostCharacters: number): string {
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
}

/** Whether somebody who looks at the page sees it. Pages hide traps in many ways, and people fall into none of them. */
export function isSeen(element: Element): boolean {
  if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) return false
  const { width, height } = element.getBoundingClientRect()
  if (width < 2 || height < 2 || isOutside(element)) return false
  return !nearest(element, isConcealing)
}

/** Has some room, and can be scrolled to: by less than `isSeen` asks, since what covers it does not matter. */
export function isInReach(element: Element): boolean {
  const { width, height, right, bottom } = element.getBoundingClientRect()
  const isSomewhere = width >= 20 && height >= 10 && right > 0 && bottom + window.scrollY > 0
  return isSomewhere && element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
}

/** Beyond the edges to which one can scroll. */
export function isOutside(element: Element): boolean {
  const { left, top, width, height } = element.getBoundingClientRect()
  const [x, y] = [left + window.scrollX, top + window.scrollY]
  const { scrollWidth, scrollHeight } = document.documentElement
  const isBefore = x + width <= 0 || y + height <= 0
  return (
    isBefore ||
    x >= Math.max(scrollWidth, window.innerWidth) ||
    y >= Math.max(scrollHeight, window.innerHeight)
  )
}

export function isConcealing(element: Element): boolean {
  if (element.getAttribute('aria-hidden') === 'true') return true
  const { clip, clipPath, opacity } = getComputedStyle(element)
  return Number(opacity) < 0.05 || /^rect\((?:0|1px)/.test(clip) || /inset\((?:50|100)%/.test(clipPath)
}

export function oneLine(text: string | null | undefined): string {
  return (text ?? '').replace(/\s+/g, ' ').trim()
}

export function attributeOf(element: Element, name: string): string {
  return element.getAttribute(name)?.trim() ?? ''
}

/** For `describeDocument`, which runs where it cannot import. */
export const visibleFunctions = [
  parentOf,
  nearest,
  placeOf,
  isSeen,
  isInReach,
  isOutside,
  isConcealing,
  oneLine,
  attributeOf,
  cut,
]
