import type { CDPSession, Frame, Page } from 'playwright'
import { tokenShaped } from './blot-out.ts'
import { type Blotting, blotDocument, pictureMark } from './in-page/blot-document.ts'

const shotMs = 1_500
const maskColor = '#7d7d7d'

/** Whatever somebody types into, and pictures: a code to scan is a secret, too. */
const masked = [
  'input:not([type=submit i], [type=button i], [type=reset i], [type=checkbox i], [type=radio i])',
  'textarea, select, output, [contenteditable]:not([contenteditable=false])',
  `img, canvas, video, object, embed, [${pictureMark}]`,
].join(', ')

/**
 * A PNG of what the page shows, with fields and pictures covered and everything that is hidden by name blotted out in its texts. The
 * page is changed by that: it is of no use afterwards.
 * @returns undefined where it could not be made sure that nothing is seen.
 */
export async function takePicture(page: Page, hidden: string | undefined): Promise<Buffer | undefined> {
  const blotting: Blotting = { tokenShaped, ...(hidden !== undefined && { hidden }) }
  const frames = page.frames()
  await hideClosedRoots(page, frames)
  const blotted = await Promise.all(frames.map((frame) => blotFrame(frame, page, blotting)))
  if (blotted.includes('unreadable')) return undefined
  const picture = await page.screenshot({
    mask: frames.map((frame) => frame.locator(masked)),
    ...{ maskColor, timeout: shotMs, type: 'png', scale: 'css' },
  })
  // A page that writes a text anew, or shows another picture, may have been taken with it.
  const again = await Promise.all(page.frames().map((frame) => blotFrame(frame, page, blotting)))
  return again.every((each) => each === 'clean' || each === 'covered') ? picture : undefined
}

/** A frame that cannot be read is covered whole; the page itself cannot be. */
async function blotFrame(
  frame: Frame,
  page: Page,
  blotting: Blotting,
): Promise<'clean' | 'blotted' | 'covered' | 'unreadable'> {
  try {
    const places = await frame.evaluate(blotDocument, { ...blotting, mark: pictureMark })
    return places > 0 ? 'blotted' : 'clean'
  } catch {
    if (frame === page.mainFrame()) return 'unreadable'
  }
  try {
    const element = await frame.frameElement()
    await element.evaluate((each) =>
      (each as HTMLElement).style.setProperty('visibility', 'hidden', 'important'),
    )
    return 'covered'
  } catch {
    return frame.isDetached() ? 'clean' : 'unreadable'
  }
}

/** No script sees into a closed shadow root, so what has one is not shown. */
async function hideClosedRoots(page: Page, frames: readonly Frame[]): Promise<void> {
  // Frames of other sites are documents of their own to CDP; the others are part of the page's.
  const others = await Promise.allSettled(frames.slice(1).map((frame) => page.context().newCDPSession(frame)))
  await hideRootsIn(await page.context().newCDPSession(page))
  for (const opened of others) if (opened.status === 'fulfilled') await hideRootsIn(opened.value)
}

interface DomNode {
  backendNodeId: number
  children?: DomNode[]
  shadowRoots?: (DomNode & { shadowRootType?: string })[]
  contentDocument?: DomNode
}

async function hideRootsIn(session: CDPSession): Promise<void> {
  const { root } = await session.send('DOM.getDocument', { depth: -1, pierce: true })
  for (const backendNodeId of hostsOfClosedRoots(root)) {
    const { object } = await session.send('DOM.resolveNode', { backendNodeId })
    await session.send('Runtime.callFunctionOn', {
      ...(object.objectId !== undefined && { objectId: object.objectId }),
      functionDeclaration: "function () { this.style.setProperty('visibility', 'hidden', 'important') }",
    })
  }
}

function hostsOfClosedRoots(node: DomNode): number[] {
  const { children = [], shadowRoots = [], contentDocument } = node
  const isHost = shadowRoots.some(({ shadowRootType }) => shadowRootType === 'closed')
  const below = [...children, ...shadowRoots, ...(contentDocument ? [contentDocument] : [])]
  return [...(isHost ? [node.backendNodeId] : []), ...below.flatMap(hostsOfClosedRoots)]
}
