import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const outer = `<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Личный кабинет</title></head><body><h1>Вход в личный кабинет</h1><iframe src="/vhod/forma" width="420" height="260" style="border:0" title="Вход"></iframe><p><a href="/registraciya">Регистрация</a></p></body></html>`
const inner = (error = '') =>
  `<!doctype html><html lang="ru"><meta charset="utf-8"><form method="post" action="/vhod/forma"><div><span>Логин или телефон</span> <input name="login"></div><div><span>Пароль</span> <input name="parol" type="password"></div><div style="color:red">${error}</div><input type="submit" value="Войти"></form></html>`

export const iframeSameOrigin: DoorPlan = {
  name: 'iframe-same-origin',
  shape: 'the form in a frame of the same origin, which leaves it when one is in',
  language: 'ru',
  username: 'petrov.a',
  loginPath: '/vhod',
  signedIn: { path: '/kabinet', text: 'Добро пожаловать, Алексей' },
  says: { wrong: 'Неверный логин или пароль', locked: 'Ваш аккаунт заблокирован' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/vhod', (_request, reply) => show(reply, outer))
    app.get('/vhod/forma', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, inner())
    })
    app.post<Posted>('/vhod/forma', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.parol)
      if (verdict === 'right')
        return show(letIn(reply, desk, 'kab'), `<script>top.location.href = '/kabinet'</script>`)
      return show(reply, inner(desk.says(verdict)))
    })
    app.get('/registraciya', (_request, reply) => {
      desk.count('signUps')
      return show(reply, '<h1>Регистрация</h1>')
    })
    membersPage(app, desk, {
      path: '/kabinet',
      login: '/vhod',
      html: '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Кабинет</title>Добро пожаловать, Алексей <a href="/vyhod">Выйти</a>',
    })
    logout(app, desk, '/vyhod', '/vhod')
  },
  byHand: {
    async signIn(page, { username, password }) {
      const frame = page.frameLocator('iframe')
      await frame.locator('[name=login]').fill(username)
      await frame.locator('[name=parol]').fill(password)
      await frame.locator('[type=submit]').click()
    },
  },
}
