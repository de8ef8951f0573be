import type { Frame, Page } from 'playwright'
import type { FrameReading } from './page-reading.ts'
import { elementOf, readDocument } from './reading-engine.ts'

const mostFrames = 12

/** Reads every frame that can be seen, the page itself first. A frame between two documents is left out. */
export async function readFrames(page: Page): Promise<FrameReading[]> {
  const frames = page.frames().slice(0, mostFrames)
  const readings = await Promise.all(frames.map((frame) => readFrame(frame, page).catch(() => undefined)))
  return readings.filter((reading) => reading !== undefined)
}

async function readFrame(frame: Frame, page: Page): Promise<FrameReading | undefined> {
  if (frame !== page.mainFrame() && !(await isFrameSeen(frame))) return undefined
  const { reading, seen } = await readDocument(frame)
  return { frame, seen, element: (element) => elementOf(frame, { reading, element }) }
}

async function isFrameSeen(frame: Frame): Promise<boolean> {
  const element = await frame.frameElement()
  const box = await element.boundingBox()
  return box !== null && box.width > 30 && box.height > 20 && (await element.isVisible())
}
