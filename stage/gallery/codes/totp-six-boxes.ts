import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Anmelden – Depot Nord</title><style>.ziffern input{width:38px;height:48px;font-size:24px;text-align:center;margin:4px}.rot{color:#c00}</style></head><body><div id="login"><h2>Anmelden</h2><form id="f"><input name="b" placeholder="Zugangsnummer"><input name="p" type="password" placeholder="PIN"><p class="rot"></p><button>Anmelden</button></form></div>
<script>
const post = (path, body) => fetch(path, { method: 'POST', body: new URLSearchParams(body) })
f.onsubmit = async (event) => { event.preventDefault(); const answer = await post('/api/anmelden', new FormData(f)); if (answer.ok) boxes(); else document.querySelector('.rot').textContent = await answer.text() }
function boxes() {
  login.innerHTML = '<h2>Sicherheitscode</h2><p>Geben Sie den 6-stelligen Code aus Ihrer Authenticator-App ein.</p><div class="ziffern">' + '<input inputmode="numeric" maxlength="1" aria-label="Ziffer">'.repeat(6) + '</div><p class="rot"></p>'
  const all = [...document.querySelectorAll('.ziffern input')]
  all[0].focus()
  const send = async () => {
    const code = all.map((input) => input.value).join('')
    if (code.length < 6) return
    all.forEach((input) => { input.disabled = true })
    const answer = await post('/api/code', { code })
    if (answer.ok) return location.assign('/depot')
    document.querySelector('.rot').textContent = await answer.text()
    all.forEach((input) => { input.disabled = false; input.value = '' }); all[0].focus()
  }
  all.forEach((input, index) => {
    input.oninput = () => { input.value = input.value.replace(/[^0-9]/g, '').slice(-1); if (input.value) all[index + 1]?.focus(); send() }
    input.onkeydown = (event) => { if (event.key === 'Backspace' && !input.value) all[index - 1]?.focus() }
    input.onpaste = (event) => { event.preventDefault(); const digits = event.clipboardData.getData('text').trim(); all.forEach((box, at) => { box.value = digits[at] ?? '' }); send() }
  })
}
</script></body></html>`

export const totpSixBoxes: DoorPlan = {
  name: 'totp-six-boxes',
  shape: 'a code in six boxes that move on by themselves and send at the sixth digit; there is no button',
  language: 'de',
  username: '40021187',
  loginPath: '/anmelden',
  signedIn: { path: '/depot', text: 'Depotübersicht 40021187' },
  says: {
    wrong: 'Zugangsnummer oder PIN sind falsch.',
    codeRefused: 'Der Code ist ungültig oder abgelaufen.',
    locked: 'Ihr Zugang ist gesperrt.',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/anmelden', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/api/anmelden', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.b, body.p)
      return verdict === 'right'
        ? giveCookie(reply, 'stufe', desk.keep('pin')).send('')
        : reply.code(401).send(desk.says(verdict))
    })
    app.post<Posted>('/api/code', (request, reply) => {
      const isHere = desk.kept(cookieOf(request, 'stufe')) === 'pin'
      return isHere && desk.tryCode(request.body.code)
        ? letIn(reply, desk, 'depot').send('')
        : reply.code(401).send(desk.says('codeRefused'))
    })
    membersPage(app, desk, {
      path: '/depot',
      login: '/anmelden',
      html: '<!doctype html><html lang="de"><meta charset="utf-8"><title>Depot</title>Depotübersicht 40021187 <a href="/abmelden">Abmelden</a>',
    })
    logout(app, desk, '/abmelden', '/anmelden')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('Zugangsnummer').fill(username)
      await page.getByPlaceholder('PIN').fill(password)
      await page.getByRole('button').click()
    },
    async afterwards(page, { nextCode }) {
      await page.locator('.ziffern input').first().click()
      await page.keyboard.type(await nextCode())
    },
  },
}
