import type { Frame, Locator, Page } from 'playwright'
import type { FrameReading } from './page-reading.ts'

/** What an element says of itself, and whether a person would see it. */
interface Seen {
  isShown: boolean
  src: string
  /** id, class, name, src, and what it is called. */
  names: string
  /** It stands where a vendor's script puts its captcha, served from wherever. */
  isInBox: boolean
}

interface Vendor {
  isFrame: (src: URL) => boolean
  /** What a page of theirs shows though nothing is asked of anybody. */
  isIdle?: (src: URL) => boolean
}

const within = (host: string, domain: string) => host === domain || host.endsWith(`.${domain}`)

const vendors: readonly Vendor[] = [
  {
    isFrame: ({ hostname, pathname }) =>
      /(?:^|\.)(?:google\.com|recaptcha\.net)$/.test(hostname) && pathname.startsWith('/recaptcha/'),
    // The badge of the kind that only asks whom it suspects.
    isIdle: ({ searchParams }) => searchParams.get('size') === 'invisible',
  },
  {
    isFrame: ({ hostname }) => within(hostname, 'hcaptcha.com'),
    isIdle: ({ hash }) => hash.includes('frame=checkbox-invisible'),
  },
  { isFrame: ({ hostname }) => within(hostname, 'challenges.cloudflare.com') },
  { isFrame: ({ hostname }) => within(hostname, 'arkoselabs.com') || within(hostname, 'funcaptcha.com') },
]

/** Where the vendors' scripts put the answer of a captcha that has been passed, some without asking anybody. */
const answers = [
  '[name="g-recaptcha-response"]',
  '[name="h-captcha-response"]',
  '[name="cf-turnstile-response"]',
].join(', ')

/** The page's own: a picture with letters and the field for them. A vendor's name in one is only its logo. */
const ownCaptcha =
  /(?<!re|h)captcha|капч|с картинки|验证码图|(?:in|from) the (?:image|picture)|(?:im|aus dem) bild\b|de l.image|de la imagen/i

/** Whether what was read of the page, or any frame of it, shows a captcha that has not been passed. */
export async function showsCaptcha(page: Page, frames: readonly FrameReading[]): Promise<boolean> {
  if (frames.some(({ seen }) => seen.names.some((names) => ownCaptcha.test(names)))) return true
  const asking = await Promise.all(page.frames().map(isVendors))
  return asking.includes(true)
}

async function isVendors(frame: Frame): Promise<boolean> {
  const parent = frame.parentFrame()
  if (!parent) return false
  try {
    // By the frame, not by a selector: some elements stand in closed shadow roots.
    await using element = await frame.frameElement()
    const seen = await parent.evaluate(see, element)
    return asks(seen) && !(await isAnswered(parent.locator(answers)))
  } catch {
    // It has just gone.
    return false
  }
}

function asks({ isShown, src, names, isInBox }: Seen): boolean {
  if (!isShown) return false
  const url = URL.parse(src)
  const vendor = url && vendors.find(({ isFrame }) => isFrame(url))
  return vendor ? !vendor.isIdle?.(url) : isInBox || ownCaptcha.test(names)
}

async function isAnswered(fields: Locator): Promise<boolean> {
  return fields.evaluateAll((all) => all.some((field) => 'value' in field && field.value !== ''))
}

/** Runs in the page. What has no room, or stands beside the page, is there to catch robots. */
function see(element: Node): Seen {
  if (!(element instanceof Element)) throw new TypeError('a frame has an element')
  const { width, height, right, bottom } = element.getBoundingClientRect()
  const names = ['id', 'class', 'name', 'src', 'alt', 'placeholder']
  const isSomewhere = width >= 20 && height >= 10 && right > 0 && bottom + scrollY > 0
  const box = '.g-recaptcha:not([data-size=invisible]), .h-captcha:not([data-size=invisible]), .cf-turnstile'
  return {
    isShown: isSomewhere && element.checkVisibility({ opacityProperty: true, visibilityProperty: true }),
    src: element.getAttribute('src') ?? '',
    names: names.map((name) => element.getAttribute(name) ?? '').join(' '),
    isInBox: element.closest(box) !== null,
  }
}
