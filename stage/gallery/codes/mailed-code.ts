import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Mijn Zorg</title></head><body><article>${inner}</article></body></html>`
const form = (error = '') =>
  frame(
    `<h1>Inloggen Mijn Zorg</h1><form method="post" action="/inlog"><label for="a">E-mailadres</label><input id="a" name="a" type="email"><label for="b">Wachtwoord</label><input id="b" name="b" type="password"><span class="fout">${error}</span><button>Inloggen</button></form>`,
  )
const code = (error = '') =>
  frame(
    `<h1>Controleer uw e-mail</h1><p>We hebben een code van 6 cijfers gestuurd naar t••••@zorg.example.</p><form method="post" action="/inlog/code"><label for="c">Code</label><input id="c" name="c" autocomplete="off"><span class="fout">${error}</span><button>Verifiëren</button></form><form method="post" action="/inlog/opnieuw"><input type="hidden" name="x" value="1"><button>Stuur een nieuwe code</button></form>`,
  )

export const mailedCode: DoorPlan = {
  name: 'mailed-code',
  shape: 'a code that comes by mail, good once; a second button mails another',
  language: 'nl',
  username: 'tessa@zorg.example',
  loginPath: '/inlog',
  signedIn: { path: '/dossier', text: 'Dossier van Tessa' },
  says: {
    wrong: 'E-mailadres of wachtwoord is niet juist.',
    codeRefused: 'Deze code klopt niet.',
    locked: 'Uw account is geblokkeerd.',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'mail',
  serve(app, desk) {
    const isHere = (cookie: string | undefined) => desk.kept(cookie) === 'tessa'
    app.get('/inlog', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/inlog', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.a, body.b)
      if (verdict !== 'right') return show(reply, form(desk.says(verdict)))
      desk.sendCode()
      return show(giveCookie(reply, 'mz', desk.keep('tessa')), code())
    })
    app.post<Posted>('/inlog/opnieuw', (request, reply) => {
      if (!isHere(cookieOf(request, 'mz'))) return show(reply, form())
      desk.sendCode()
      return show(reply, code())
    })
    app.post<Posted>('/inlog/code', (request, reply) => {
      if (!isHere(cookieOf(request, 'mz'))) return show(reply, form())
      return desk.tryCode(request.body.c)
        ? letIn(reply, desk, 'mijnzorg').redirect('/dossier', 303)
        : show(reply, code(desk.says('codeRefused')))
    })
    membersPage(app, desk, {
      path: '/dossier',
      login: '/inlog',
      html: frame('<h1>Dossier van Tessa</h1><a href="/uitlog">Uitloggen</a>'),
    })
    logout(app, desk, '/uitlog', '/inlog')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#a', username)
      await page.fill('#b', password)
      await page.getByRole('button', { name: 'Inloggen' }).click()
    },
    async afterwards(page, { nextCode }) {
      await page.getByText('Controleer uw e-mail').waitFor()
      await page.fill('#c', await nextCode())
      await page.getByText('Verifiëren').click()
    },
  },
}
