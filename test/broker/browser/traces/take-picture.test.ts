import t, { type Test } from 'tap'
import { createBlotter } from '../../../../apps/broker/src/browser/traces/blot-out.ts'
import { takePicture } from '../../../../apps/broker/src/browser/traces/take-picture.ts'
import { toLoopback } from '../../exit/local-exits.ts'
import { openSignIn, startPage } from '../visit-page.ts'

// Pictures of pages that show what must not be seen, looked at pixel by pixel in the same Chromium.
const { house } = await openSignIn(t)
const secret = 'canary.user@example.com'
const grey = [0x7d, 0x7d, 0x7d]

interface Taken {
  png: Buffer | undefined
  /** What the page says afterwards. */
  text: string
  /** The colours within an element, as it lay before. */
  colours(id: string): Promise<number[][]>
}

/** Opens the page, takes a picture, and lets the test look at it. */
async function withPicture(t: Test, form: string, look: (taken: Taken) => Promise<void>) {
  const { origin } = await startPage(t, { form })
  const { hide, pattern } = createBlotter()
  hide(secret)
  await house.withContext({ signal: AbortSignal.timeout(30_000), exit: toLoopback }, async (context) => {
    const page = await context.newPage()
    await page.goto(`${origin}/login`)
    const places = await page.evaluate<Record<string, Box>>(placesOf)
    const png = await takePicture(page, pattern())
    const text = await page.locator('body').innerText()
    const canvas = await context.newPage()
    const colours = async (id: string) => {
      const image = `data:image/png;base64,${png?.toString('base64')}`
      return canvas.evaluate<number[][]>(coloursAt(image, places[id]))
    }
    await look({ png, text, colours })
  })
}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

const placesOf = `Object.fromEntries(
  [...document.querySelectorAll('[id]')].map((each) => [each.id, each.getBoundingClientRect().toJSON()]),
)`

/** Edges are shared with what lies around. */
const coloursAt = (url: string, box: Box | undefined) => `(async () => {
  const image = new Image()
  image.src = ${JSON.stringify(url)}
  await image.decode()
  const drawing = new OffscreenCanvas(image.width, image.height).getContext('2d')
  drawing.drawImage(image, 0, 0)
  const { x, y, width, height } = ${JSON.stringify(box)}
  const { data } = drawing.getImageData(x + 2, y + 2, width - 4, height - 4)
  const found = new Set()
  for (let at = 0; at < data.length; at += 4) found.add(data.slice(at, at + 3).join())
  return [...found].map((colour) => colour.split(',').map(Number))
})()`

t.test('fields and pictures are covered, whatever stands in them', async (t) => {
  const style = 'width:200px;height:60px;display:block'
  const fields: Record<string, string> = {
    text: `<input id="text" value="${secret}" style="${style}">`,
    password: `<input id="password" type="password" value="${secret}" style="${style}">`,
    area: `<textarea id="area" style="${style}">${secret}</textarea>`,
    select: `<select id="select" style="${style}"><option>${secret}</option></select>`,
    edited: `<div id="edited" contenteditable style="${style}">${secret}</div>`,
    output: `<output id="output" style="${style}">${secret}</output>`,
    canvas: `<canvas id="canvas" width="200" height="60" style="${style}"></canvas>`,
    image: `<img id="image" src="/none.png" alt="a" style="${style}">`,
    drawing: `<svg id="drawing" style="${style}"><rect width="200" height="60" fill="red"/></svg>`,
    painted: `<div id="painted" style="${style};background:red url('data:image/gif;base64,R0lGODlhAQABAAAAACw=')"></div>`,
  }
  await withPicture(t, Object.values(fields).join(''), async ({ colours }) => {
    for (const id of Object.keys(fields)) t.same(await colours(id), [grey], id)
  })
})

t.test('texts stay, without what names the account or looks like a token', async (t) => {
  const page = `<h1 id="free">Welcome back</h1><p>Signed in as ${secret.toUpperCase()}, key f81d4fae7dec11d0a76500a0c91e</p>
    <p title="${secret}">Hello <b>canary.user</b></p><p>${[...secret].map((each) => `<span>${each}</span>`).join('')}</p>
    <input type="submit" id="go" value="Go on as ${secret}"><div id="host"></div>
    <script>host.attachShadow({ mode: 'open' }).innerHTML = '<p>${secret}</p>'</script>`
  await withPicture(t, page, async ({ png, text, colours }) => {
    t.ok(png)
    t.notMatch(text, /canary|f81d4f/i)
    t.match(text, 'Welcome back')
    t.match(text, 'Signed in as •••, key •••')
    t.ok((await colours('free')).length > 5, 'letters can be seen')
    t.ok((await colours('go')).length > 5)
  })
})

t.test('frames show as little as the page, and closed shadow roots nothing', async (t) => {
  const field = `<input id="field" value="${secret}" style="position:absolute;left:0;top:0;width:400px;height:200px">`
  const other = await startPage(t, { form: field })
  const page = `<iframe id="frame" src="${other.origin}/login" style="width:204px;height:64px;border:0"></iframe>
    <iframe id="inner" srcdoc="<body>Hello ${secret}" style="width:300px;height:64px"></iframe>
    <div id="host" style="width:300px;height:60px"></div>
    <script>host.attachShadow({ mode: 'closed' }).innerHTML = '<b style="background:red">${secret}</b>'</script>`
  await withPicture(t, page, async ({ png, colours }) => {
    t.ok(png)
    t.same(await colours('host'), [[255, 255, 255]])
    t.same(await colours('frame'), [grey])
  })
})

t.test('a page that writes it anew gets no picture', async (t) => {
  const page = `<p id="p"></p><script>setInterval(() => { p.textContent = '${secret}' }, 5)</script>`
  await withPicture(t, page, async ({ png }) => {
    t.equal(png, undefined)
  })
})

const onMark = (
  then: string,
) => `<div id="place" style="width:200px;height:60px"></div><p id="p">Hello</p><img src="/none.png" alt="a">
  <script>new MutationObserver((_, observer) => { observer.disconnect(); ${then} })
    .observe(document.body, { attributes: true, subtree: true })
  const red = document.createElement('canvas')
  red.style = 'width:200px;height:60px;background:red;display:block'</script>`

t.test('a page that draws another picture gets none', async (t) => {
  await withPicture(t, onMark('place.append(red)'), async ({ png }) => {
    t.equal(png, undefined)
  })
  const painted = `place.style.background = "red url('data:image/gif;base64,R0lGODlhAQABAAAAACw=')"`
  await withPicture(t, onMark(painted), async ({ png }) => {
    t.equal(png, undefined)
  })
  await withPicture(t, onMark('p.textContent = "Hello again"'), async ({ png }) => {
    t.ok(png)
  })
})

t.test('a picture that comes late and goes at once is covered', async (t) => {
  // Playwright's covers are an element of their own, which goes after the shot.
  const goesWithCovers = `place.append(red); new MutationObserver((changes) => {
    if (changes.some(({ removedNodes }) => removedNodes.length > 0)) red.remove()
  }).observe(document.documentElement, { childList: true })`
  await withPicture(t, onMark(goesWithCovers), async ({ png, colours }) => {
    t.ok(png)
    t.same(await colours('place'), [grey])
  })
})
