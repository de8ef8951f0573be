import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>ログイン｜さくら物流</title><style>
.c-pass{position:relative;width:280px}.c-pass input{width:100%;padding:10px}.c-pass button{position:absolute;right:4px;top:6px}dl{margin:2em}.is-error{color:#d00}</style></head><body>
<h1 class="p-login__title">会員ログイン</h1><form method="post" action="/member/login" class="p-login"><dl><dt>ログインID（メールアドレス）</dt><dd><input type="text" name="login_id" inputmode="email"></dd>
<dt>パスワード</dt><dd class="c-pass"><input type="password" name="login_pw"><button type="button" aria-label="パスワードを表示">👁</button></dd></dl>
<p class="is-error">${error}</p><label><input type="checkbox" name="auto"> 次回から自動的にログインする</label><p><button type="submit" class="c-btn">ログイン</button></p>
<p><a href="/member/entry">新規会員登録</a>　<a href="/member/reminder">パスワードをお忘れの方</a></p></form>
<script>document.querySelector('.c-pass button').onclick = () => { const input = document.querySelector('[name=login_pw]'); input.type = input.type === 'password' ? 'text' : 'password' }</script></body></html>`

export const eyeButton: DoorPlan = {
  name: 'eye-button',
  shape: 'a button in the password field that shows the password',
  language: 'ja',
  username: 'tanaka@sakura.example',
  loginPath: '/member/login',
  signedIn: { path: '/member/mypage', text: '田中様、こんにちは' },
  says: {
    wrong: 'ログインIDまたはパスワードが正しくありません。',
    locked: 'アカウントがロックされています。',
    too_many: 'ログイン試行回数の上限を超えました。',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/member/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/member/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login_id, body.login_pw)
      if (verdict === 'right') return letIn(reply, desk, 'SKRSESS').redirect('/member/mypage', 302)
      return show(reply, page(desk.says(verdict)))
    })
    const home =
      '<!doctype html><html lang="ja"><title>マイページ</title><p>田中様、こんにちは</p><a href="/member/logout">ログアウト</a>'
    membersPage(app, desk, { path: '/member/mypage', login: '/member/login', html: home })
    logout(app, desk, '/member/logout', '/member/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=login_id]', username)
      await page.fill('[name=login_pw]', password)
      await page.click('.c-btn')
    },
  },
}
