import type { ViewInput } from '@session-broker/shared'
import type { CDPSession, Page } from 'playwright'
import type { PageView, PictureTaken } from '../../session/ports/site-login.ts'

/** Wide enough for a sign-in page as it is; a picture is 30 to 100 kB. */
const pictureOptions = { format: 'jpeg', quality: 60, maxWidth: 1280, maxHeight: 1280 } as const
const frontEveryMs = 300

/** What `Page.screencastFrame` brings, as far as it matters here. */
interface Frame {
  data: string
  sessionId: number
  metadata: { deviceWidth: number; deviceHeight: number }
}

/**
 * The login's page for a person, by CDP screencast: the window in front, whichever that is.
 * @param front the window in front now
 */
export function createPageView(front: () => Page, movedOn: PageView['movedOn']): PageView {
  return {
    movedOn,
    act: (input) => act(front(), input),
    async follow(listener) {
      let cast = await startCast(front(), listener)
      const timer = setInterval(() => void followFront(), frontEveryMs)
      let isOver = false
      let moving = false

      async function followFront(): Promise<void> {
        if (moving || isOver || front() === cast.page) return
        moving = true
        try {
          await cast.end()
          cast = await startCast(front(), listener)
          if (isOver) await cast.end()
        } catch {
          // The window has just closed: the next look finds the one behind it.
        } finally {
          moving = false
        }
      }

      return async () => {
        isOver = true
        clearInterval(timer)
        await cast.end()
      }
    },
  }
}

async function startCast(page: Page, listener: (picture: PictureTaken) => void) {
  const session = await page.context().newCDPSession(page)
  session.on('Page.screencastFrame', (frame: Frame) => {
    listener(pictureOf(frame))
    void session.send('Page.screencastFrameAck', { sessionId: frame.sessionId }).catch(() => undefined)
  })
  await session.send('Page.startScreencast', pictureOptions)
  // A page that rests sends no frame by itself.
  const first = await takePicture(page, session).catch(() => undefined)
  if (first) listener(first)
  return {
    page,
    end: () => session.detach().catch(() => undefined),
  }
}

async function takePicture(page: Page, session: CDPSession): Promise<PictureTaken> {
  const { data } = await session.send('Page.captureScreenshot', { format: 'jpeg', quality: 60 })
  const { width: deviceWidth, height: deviceHeight } = page.viewportSize() ?? { width: 1280, height: 720 }
  return pictureOf({ data, sessionId: 0, metadata: { deviceWidth, deviceHeight } })
}

function pictureOf({ data, metadata: { deviceWidth, deviceHeight } }: Frame): PictureTaken {
  return {
    takenAt: new Date().toISOString(),
    mediaType: 'image/jpeg',
    width: Math.round(deviceWidth),
    height: Math.round(deviceHeight),
    data,
  }
}

async function act(page: Page, input: ViewInput): Promise<void> {
  if ('click' in input) await page.mouse.click(input.click.x, input.click.y)
  else if ('type' in input) await page.keyboard.type(input.type)
  else if ('press' in input) await page.keyboard.press(input.press)
  else {
    await page.mouse.move(input.scroll.x, input.scroll.y)
    await page.mouse.wheel(0, input.scroll.by)
  }
}
