import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  token: string,
  error = '',
) => `<!doctype html><html lang="ru"><head><meta charset="utf-8"><meta name="csrf-param" content="_csrf"><meta name="csrf-token" content="${token}"><title>Вход — Северный склад</title></head>
<body class="site-login"><div class="wrap"><h1>Вход</h1>
<form id="w0" action="/site/login" method="post"><input type="hidden" name="_csrf" value="${token}">
<div class="form-group field-loginform-username required${error && ' has-error'}"><label class="control-label" for="loginform-username">Имя пользователя</label><input type="text" id="loginform-username" class="form-control" name="LoginForm[username]"></div>
<div class="form-group field-loginform-password required${error && ' has-error'}"><label class="control-label" for="loginform-password">Пароль</label><input type="password" id="loginform-password" class="form-control" name="LoginForm[password]"><p class="help-block help-block-error">${error}</p></div>
<div class="form-group"><input type="hidden" name="LoginForm[rememberMe]" value="0"><label><input type="checkbox" name="LoginForm[rememberMe]" value="1" checked> Запомнить меня</label></div>
<button type="submit" class="btn btn-primary" name="login-button">Войти</button></form></div></body></html>`

export const csrf: DoorPlan = {
  name: 'csrf',
  shape: 'a session cookie before the login and a token in the form that has to fit it, each used once',
  language: 'ru',
  username: 'ivanov',
  loginPath: '/site/login',
  signedIn: { path: '/site/index', text: 'Вы вошли как ivanov' },
  says: {
    wrong: 'Неверное имя пользователя или пароль.',
    locked: 'Учётная запись заблокирована.',
    too_many: 'Слишком много попыток входа. Попробуйте позже.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/site/login', (request, reply) => {
      desk.count('formsShown')
      const visitor = cookieOf(request, 'PHPSESSID') ?? desk.keep('visitor')
      giveCookie(reply, 'PHPSESSID', visitor)
      return show(reply, page(desk.keep(visitor)))
    })
    app.post<Posted>('/site/login', (request, reply) => {
      const visitor = cookieOf(request, 'PHPSESSID')
      const fits = visitor !== undefined && desk.take(request.body._csrf) === visitor
      if (!fits) {
        desk.count('refused')
        return show(reply, '<h1>Bad Request (#400)</h1><p>Не удалось проверить переданные данные.</p>', 400)
      }
      const verdict = desk.tryPassword(
        request.body['LoginForm[username]'],
        request.body['LoginForm[password]'],
      )
      if (verdict === 'right') return letIn(reply, desk, 'PHPSESSID').redirect('/site/index', 302)
      return show(reply, page(desk.keep(visitor), desk.says(verdict)))
    })
    const home = `<!doctype html><html lang="ru"><title>Северный склад</title><p>Вы вошли как ivanov</p><form action="/site/logout" method="post"><input type="hidden" name="a"><button>Выход (ivanov)</button></form>`
    membersPage(app, desk, { path: '/site/index', login: '/site/login', html: home })
    logout(app, desk, '/site/logout', '/site/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Имя пользователя').fill(username)
      await page.getByLabel('Пароль').fill(password)
      await page.getByRole('button', { name: 'Войти' }).click()
    },
  },
}
