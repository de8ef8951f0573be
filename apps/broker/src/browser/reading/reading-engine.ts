import { type Frame, type Locator, selectors } from 'playwright'
import type { DocumentSeen } from './document-seen.ts'
import { describeDocument, describeDocumentSource } from './in-page/describe-document.ts'

const engine = 'session-broker'
/** A page whose scripts hang answers nothing. */
const readMs = 5_000

/** What one reading of a frame came to; its number is part of the name of each of its elements. */
interface Read {
  reading: number
  seen: DocumentSeen
}

/**
 * Teaches Playwright to read documents, as an engine for selectors: so it happens where Playwright itself looks for elements, out of
 * reach of the page's scripts, in one question and answer, and what was read is filled in and pressed without being sought again.
 * Before the first context is made; may be called again.
 */
export function teachReading(): Promise<void> {
  taught ??= selectors.register(engine, { content: engineSource }, { contentScript: true })
  return taught
}

let taught: Promise<void> | undefined

export async function readDocument(frame: Frame): Promise<Read> {
  const told = await frame.locator(`${engine}=read`).textContent({ timeout: readMs })
  return JSON.parse(told ?? '') as Read
}

/** An element of the frame's newest reading: anything done with another, or one that is gone, fails at once. */
export function elementOf(frame: Frame, { reading, element }: { reading: number; element: number }): Locator {
  return frame.locator(`${engine}=${reading}.${element}`)
}

/** Runs in each frame. What is read goes out as the text of an element that is in no document: an engine gives elements. */
function createEngine(describe: typeof describeDocument) {
  let elements: Element[] = []
  let readings = 0

  function read(): Element {
    const found = describe()
    elements = found.elements
    readings += 1
    const told = document.createElement('span')
    told.textContent = JSON.stringify({ reading: readings, seen: found.seen })
    return told
  }

  function pick(name: string): Element {
    const [reading, number] = name.split('.').map(Number)
    const element = reading === readings ? elements[number ?? -1] : undefined
    if (!element?.isConnected) throw new Error('the element is gone')
    return element
  }

  return { queryAll: (_root: Node, name: string) => [name === 'read' ? read() : pick(name)] }
}

const engineSource = `(() => {
${describeDocumentSource}
${createEngine}
return createEngine(${describeDocument.name})
})()`
