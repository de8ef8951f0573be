import type { CdpCommands } from './cdp-session.ts'

type FrameTree = CdpCommands['Page.getFrameTree']['returnType']['frameTree']

/** A page's own frame and those below it, as far as they are in its process; others are targets themselves. */
export function framesIn({ frame, childFrames = [] }: FrameTree): FrameTree['frame'][] {
  return [frame, ...childFrames.flatMap(framesIn)]
}
