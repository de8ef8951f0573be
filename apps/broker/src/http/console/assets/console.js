// Shows what the site asks and passes on what a person does there. The key lives as long as the page.

const at = (id) => document.getElementById(id)
const titles = {
  code: 'The site asks for a code',
  approval: 'The site waits for an approval on another device',
  captcha: 'The site asks for a captcha',
  sign_in: 'Sign in on this page',
  choice: 'The site asks for a choice',
}
const keys = ['Enter', 'Tab', 'Backspace', 'Escape', 'ArrowUp', 'ArrowDown']

let watching = 0
let challengeId
let call

function connect(key, session) {
  const query = session === '' ? '' : `?session=${encodeURIComponent(session)}`
  return (method, { headers = {}, body } = {}) =>
    fetch(`/session/challenge${query}`, {
      method,
      cache: 'no-store',
      headers: {
        authorization: `Bearer ${key}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    })
}

function say(text) {
  at('status').textContent = text
}

function show({ id, kind, page, prompt, expiresAt, picture }) {
  challengeId = id
  at('challenge').hidden = false
  at('title').textContent = titles[kind]
  at('page').textContent = `${page}, until ${new Date(expiresAt).toLocaleTimeString()}`
  at('prompt').textContent = prompt
  at('code-form').hidden = kind !== 'code'
  if (picture) at('picture').src = `data:${picture.mediaType};base64,${picture.data}`
}

function hide() {
  challengeId = undefined
  at('challenge').hidden = true
  at('picture').removeAttribute('src')
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms))

async function problemOf(answer) {
  const { detail = `the broker answers ${answer.status}` } = await answer.json().catch(() => ({}))
  return detail
}

/** @returns the ETag to ask with next; null where looking on is no use. */
async function look(etag) {
  const answer = await call('GET', { headers: etag ? { 'if-none-match': etag, prefer: 'wait=20' } : {} })
  if (answer.status === 304) return etag
  if (answer.ok) {
    show(await answer.json())
    say('The login waits for you.')
    return answer.headers.get('etag')
  }
  hide()
  say(await problemOf(answer))
  if (answer.status === 401 || answer.status === 403) return null
  await pause(1500)
  return undefined
}

async function watch() {
  watching += 1
  const mine = watching
  for (let etag; etag !== null && mine === watching; ) {
    try {
      etag = await look(etag)
    } catch {
      say('The broker does not answer.')
      await pause(3000)
      etag = undefined
    }
  }
}

async function send(answer) {
  if (challengeId === undefined) return
  const taken = await call('POST', { body: { id: challengeId, ...answer } })
  if (!taken.ok) say(await problemOf(taken))
}

at('entrance').addEventListener('submit', (event) => {
  event.preventDefault()
  call = connect(at('key').value, at('session').value.trim())
  hide()
  say('Watching: nothing is asked so far.')
  watch()
})

at('code-form').addEventListener('submit', (event) => {
  event.preventDefault()
  send({ code: at('code').value.trim() })
  at('code').value = ''
})

at('type-form').addEventListener('submit', (event) => {
  event.preventDefault()
  if (at('text').value !== '') send({ type: at('text').value })
  at('text').value = ''
})

/** Where in the page, though the picture may be shown smaller. */
function placeOf(event) {
  const { left, top, width, height } = at('picture').getBoundingClientRect()
  const { naturalWidth, naturalHeight } = at('picture')
  return {
    x: Math.round(((event.clientX - left) * naturalWidth) / width),
    y: Math.round(((event.clientY - top) * naturalHeight) / height),
  }
}

at('picture').addEventListener('click', (event) => send({ click: placeOf(event) }))
at('picture').addEventListener('wheel', (event) => {
  event.preventDefault()
  send({ scroll: { ...placeOf(event), by: Math.round(event.deltaY) } })
})

for (const key of keys) {
  const button = document.createElement('button')
  button.type = 'button'
  button.textContent = key
  button.addEventListener('click', () => send({ press: key }))
  at('keys').append(button, ' ')
}
at('done').addEventListener('click', () => send({ done: true }))
at('give-up').addEventListener('click', () => send({ giveUp: true }))
