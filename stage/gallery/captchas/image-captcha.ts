import { randomInt } from 'node:crypto'
import { type Asked, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (captcha: string | undefined, error = '') =>
  `<!doctype html><html lang="ru"><head><meta charset="utf-8"><title>Вход на торговую площадку</title></head><body><form method="post" action="/vhod"><table><tr><td>Логин<td><input name="l"><tr><td>Пароль<td><input name="p" type="password">${
    captcha
      ? `<tr><td><img src="/kapcha.svg?k=${captcha}" alt="Код с картинки" width="140" height="50"><input type="hidden" name="k" value="${captcha}"><td><input name="kod" placeholder="Введите символы с картинки">`
      : ''
  }<tr><td><td><button>Войти</button></table><p><font color="#c00">${error}</font></p></form></body></html>`

export const imageCaptcha: DoorPlan = {
  name: 'image-captcha',
  shape: 'in the mood, a picture with digits to type beside the form that comes back',
  language: 'ru',
  username: 'zakupki',
  loginPath: '/vhod',
  signedIn: { path: '/torgi', text: 'Мои торги' },
  says: {
    wrong: 'Неправильный логин или пароль.',
    captcha: 'Введите символы с картинки',
    too_many: 'Вход временно ограничен.',
  },
  moods: ['captcha', 'too_many'],
  serve(app, desk) {
    const newCaptcha = () => {
      desk.count('captchasShown')
      return desk.keep(String(randomInt(10_000, 100_000)))
    }
    app.get('/vhod', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page(undefined))
    })
    app.get<Asked>('/kapcha.svg', ({ query }, reply) =>
      reply
        .type('image/svg+xml')
        .send(
          `<svg xmlns="http://www.w3.org/2000/svg" width="140" height="50"><rect width="140" height="50" fill="#eee"/><text x="20" y="36" font-size="30" transform="skewX(-12)">${desk.kept(query.k) ?? ''}</text><path d="M5 30 Q40 0 70 30 T135 20" stroke="#555" fill="none"/></svg>`,
        ),
    )
    app.post<Posted>('/vhod', ({ body }, reply) => {
      const isSolved = body.kod !== undefined && desk.take(body.k) === body.kod
      const verdict = isSolved ? desk.tryPassword(body.l, body.p, 'solved') : desk.tryPassword(body.l, body.p)
      if (verdict === 'right') return letIn(reply, desk, 'etp').redirect('/torgi', 302)
      return show(reply, page(desk.mood() === 'captcha' ? newCaptcha() : undefined, desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/torgi',
      login: '/vhod',
      html: '<!doctype html><html lang="ru"><meta charset="utf-8"><title>Торги</title>Мои торги <a href="/vyhod">Выход</a>',
    })
    logout(app, desk, '/vyhod', '/vhod')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=l]', username)
      await page.fill('[name=p]', password)
      await page.click('button')
    },
  },
}
