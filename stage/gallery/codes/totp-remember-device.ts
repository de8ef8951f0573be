import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>クラウド会計</title></head><body><div class="l-auth">${inner}</div></body></html>`
const form = (error = '') =>
  frame(
    `<form method="post" action="/users/sign_in"><p>メールアドレス</p><input type="email" name="user[email]"><p>パスワード</p><input type="password" name="user[password]"><p class="alert">${error}</p><input type="submit" value="ログインする"></form><a href="/users/sign_up">無料で始める</a>`,
  )
const code = (error = '') =>
  frame(
    `<h2>2段階認証</h2><form method="post" action="/users/otp"><p>認証アプリに表示されている6桁の確認コードを入力してください</p><input type="tel" name="user[otp_attempt]" maxlength="7"><p class="alert">${error}</p><label><input type="checkbox" name="user[remember]" value="1"> この端末では30日間確認コードを求めない</label><input type="submit" value="認証する"></form>`,
  )

export const totpRememberDevice: DoorPlan = {
  name: 'totp-remember-device',
  shape: 'a code, with a box to tick so that this browser is not asked again; then it is not',
  language: 'ja',
  username: 'keiri@kaikei.example',
  loginPath: '/users/sign_in',
  signedIn: { path: '/books', text: '今期の帳簿' },
  says: {
    wrong: 'メールアドレスまたはパスワードに誤りがあります。',
    codeRefused: '確認コードが間違っています。',
    locked: 'アカウントは凍結されています。',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/users/sign_in', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/users/sign_in', (request, reply) => {
      const verdict = desk.tryPassword(request.body['user[email]'], request.body['user[password]'])
      if (verdict !== 'right') return show(reply, form(desk.says(verdict)), 422)
      if (desk.kept(cookieOf(request, 'trusted')) === 'device')
        return letIn(reply, desk, '_kaikei').redirect('/books', 303)
      return show(giveCookie(reply, 'otp', desk.keep('keiri')), code())
    })
    app.post<Posted>('/users/otp', (request, reply) => {
      if (!desk.kept(cookieOf(request, 'otp'))) return show(reply, form())
      if (!desk.tryCode(request.body['user[otp_attempt]']))
        return show(reply, code(desk.says('codeRefused')), 422)
      if (request.body['user[remember]']) giveCookie(reply, 'trusted', desk.keep('device'))
      return letIn(reply, desk, '_kaikei').redirect('/books', 303)
    })
    membersPage(app, desk, {
      path: '/books',
      login: '/users/sign_in',
      html: frame('<h1>今期の帳簿</h1><a href="/users/sign_out">ログアウト</a>'),
    })
    logout(app, desk, '/users/sign_out', '/users/sign_in')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[type=email]', username)
      await page.fill('[type=password]', password)
      await page.click('[type=submit]')
    },
    async afterwards(page, { nextCode }) {
      await page.fill('[type=tel]', await nextCode())
      await page.check('[type=checkbox]')
      await page.click('[value=認証する]')
    },
  },
}
