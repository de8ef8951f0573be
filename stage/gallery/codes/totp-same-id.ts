import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Регистратор доменов</title></head><body><center>${inner}</center></body></html>`
const form = (error = '') =>
  frame(
    `<form method="post" action="/auth"><h3>Авторизация</h3>Логин: <input id="login" name="login"><br>Пароль: <input id="pass" name="pass" type="password"><br><font color="red">${error}</font><br><button>Войти</button></form>`,
  )
const code = (error = '') =>
  frame(
    `<form method="post" action="/auth/step2"><h3>Подтверждение входа</h3>Код подтверждения из приложения:<br><input id="pass" name="pass" type="password"><br><font color="red">${error}</font><br><button>Подтвердить</button></form>`,
  )

export const totpSameId: DoorPlan = {
  name: 'totp-same-id',
  shape: 'the code goes into a password field with the id and the name that the password’s had',
  language: 'ru',
  username: 'domain-2201',
  loginPath: '/auth',
  signedIn: { path: '/domains', text: 'Домены договора 2201' },
  says: {
    wrong: 'Ошибка: логин или пароль указаны неверно.',
    codeRefused: 'Неверный код подтверждения.',
    locked: 'Доступ заблокирован.',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/auth', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/auth', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.pass)
      if (verdict === 'right') return show(giveCookie(reply, 'step', desk.keep('pass')), code())
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/auth/step2', (request, reply) => {
      if (desk.kept(cookieOf(request, 'step')) !== 'pass') return show(reply, form())
      return desk.tryCode(request.body.pass)
        ? letIn(reply, desk, 'regid').redirect('/domains', 302)
        : show(reply, code(desk.says('codeRefused')))
    })
    membersPage(app, desk, {
      path: '/domains',
      login: '/auth',
      html: frame('Домены договора 2201 <a href="/auth/exit">Выход</a>'),
    })
    logout(app, desk, '/auth/exit', '/auth')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#login', username)
      await page.fill('#pass', password)
      await page.getByText('Войти').click()
    },
    async afterwards(page, { nextCode }) {
      await page.getByText('Код подтверждения').waitFor()
      await page.fill('#pass', await nextCode())
      await page.getByText('Подтвердить').click()
    },
  },
}
