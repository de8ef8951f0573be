/** What `blotDocument` blots out: sources of regular expressions. */
export interface Blotting {
  /** For the flags `giu`; left out: nothing is hidden by name. */
  hidden?: string
  /** For the flags `gi`. */
  tokenShaped: string
}

/** The attribute of elements whose looks could tell what their text does not. */
export const pictureMark = 'data-session-broker-picture'

/**
 * Runs in a document and stands alone: blots out, in every text and open shadow root, what must not be seen, and marks pictures.
 * @returns in how many places something was blotted out, or a picture was found that had no mark yet.
 */
export function blotDocument({ hidden, tokenShaped, mark }: Blotting & { mark: string }): number {
  const blot = '•••'
  let places = 0

  function clean(text: string): string {
    const known = hidden === undefined ? text : text.replace(new RegExp(hidden, 'giu'), blot)
    return known.replace(new RegExp(tokenShaped, 'gi'), blot)
  }

  function cleanAttributes(element: Element): void {
    for (const { name, value } of element.attributes) {
      if (!/^(?:title|alt|placeholder|label|value|aria-.*|data-.*)$/.test(name)) continue
      const cleaned = clean(value)
      if (cleaned === value) continue
      places += 1
      element.setAttribute(name, cleaned)
    }
    // What a button says is its value.
    if (element instanceof HTMLInputElement && /^(?:submit|button|reset)$/.test(element.type)) {
      const cleaned = clean(element.value)
      if (cleaned !== element.value) element.value = cleaned
    }
  }

  function markPicture(element: Element): void {
    const { width, height } = element.getBoundingClientRect()
    const isLarge = width >= 48 && height >= 48
    const isPicture =
      element.matches('img, canvas, video, object, embed') || (isLarge && element.matches('svg'))
    const isPainted = isLarge && /url\("?(?:data|blob):/.test(getComputedStyle(element).backgroundImage)
    if (!(isPicture || isPainted) || element.hasAttribute(mark)) return
    places += 1
    element.setAttribute(mark, '')
  }

  function visitText(node: Text): string {
    const cleaned = clean(node.data)
    if (cleaned !== node.data) {
      places += 1
      node.data = cleaned
    }
    return cleaned
  }

  /** A value in pieces, such as each digit in an element of its own. */
  function visitPieces(element: Element, text: string): string {
    if (hidden === undefined || text.length > 300 || !new RegExp(hidden, 'iu').test(text)) return text
    places += 1
    element.textContent = blot
    return blot
  }

  /** @returns what can be read there afterwards. */
  function visit(node: Node): string {
    if (node instanceof Text) return visitText(node)
    if (!(node instanceof Element) || /^(?:script|style|noscript|template)$/i.test(node.tagName)) return ''
    cleanAttributes(node)
    markPicture(node)
    if (node.shadowRoot) visitAll(node.shadowRoot)
    return visitPieces(node, visitAll(node))
  }

  function visitAll(parent: Node): string {
    return [...parent.childNodes].map(visit).join('')
  }

  if (document.body) visit(document.body)
  return places
}
