import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="ja"><head><meta charset="utf-8"><title>サインイン</title></head><body><wx-app></wx-app>
<script>
const define = (name, html, ready) => customElements.define(name, class extends HTMLElement {
  connectedCallback() { const root = this.attachShadow({ mode: 'open' }); root.innerHTML = html(this); ready?.(root, this) }
})
define('wx-field', (host) => '<style>label{display:block;margin:10px}</style><label><span>' + host.getAttribute('caption') + '</span><input type="' + host.getAttribute('kind') + '"></label>')
define('wx-button', () => '<button type="button"><slot></slot></button>')
define('wx-sign-in', () => '<h2>サインイン</h2><wx-field caption="ユーザー名" kind="text"></wx-field><wx-field caption="パスワード" kind="password"></wx-field><p role="alert"></p><wx-button>サインイン</wx-button>', (root) => {
  root.querySelector('wx-button').addEventListener('click', async () => {
    const [u, p] = [...root.querySelectorAll('wx-field')].map((field) => field.shadowRoot.querySelector('input').value)
    const answer = await fetch('/api/signin', { method: 'POST', body: new URLSearchParams({ u, p }) })
    if (answer.ok) location.href = '/desk'; else root.querySelector('[role=alert]').textContent = await answer.text()
  })
})
define('wx-app', () => '<main><wx-sign-in></wx-sign-in></main>')
</script></body></html>`

export const shadowRoots: DoorPlan = {
  name: 'shadow-roots',
  shape: 'custom elements with open shadow roots, three deep; no <form>',
  language: 'ja',
  username: 'suzuki',
  loginPath: '/signin',
  signedIn: { path: '/desk', text: '鈴木さんのデスク' },
  says: { wrong: 'ユーザー名またはパスワードが違います。', locked: 'このアカウントは停止されています。' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/signin', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/api/signin', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.u, body.p)
      if (verdict === 'right') return letIn(reply, desk, 'wx').send('')
      return reply.code(401).send(desk.says(verdict))
    })
    membersPage(app, desk, {
      path: '/desk',
      login: '/signin',
      html: '<!doctype html><html lang="ja"><meta charset="utf-8"><title>デスク</title>鈴木さんのデスク <a href="/signout">サインアウト</a>',
    })
    logout(app, desk, '/signout', '/signin')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('ユーザー名').fill(username)
      await page.getByLabel('パスワード').fill(password)
      await page.locator('wx-button button').click()
    },
  },
}
