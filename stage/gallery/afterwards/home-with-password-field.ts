import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>设备管理</title></head><body>${inner}</body></html>`
const form = (error = '') =>
  frame(
    `<form action="/goform/login" method="post" class="login-box"><h3>请登录</h3><input name="acc" placeholder="账号"><input name="pwd" type="password" placeholder="密码"><p class="note">${error}</p><input type="submit" value="登录"></form>`,
  )
const home = frame(
  `<h3>路由器状态</h3><p>管理员 admin2 已登录</p><fieldset><legend>修改密码</legend><form action="/goform/password" method="post"><input type="text" name="u" value="admin2"><input type="password" name="a" placeholder="原密码"><input type="password" name="b" placeholder="新密码"><input type="submit" value="保存"></form></fieldset><a href="/goform/exit">退出</a>`,
)

export const homeWithPasswordField: DoorPlan = {
  name: 'home-with-password-field',
  shape: 'the signed-in page has a form to change the password, which looks like a login',
  language: 'zh',
  username: 'admin2',
  loginPath: '/index.htm',
  signedIn: { path: '/status.htm', text: '管理员 admin2 已登录' },
  says: { wrong: '账号或密码不正确！', locked: '账号已被锁定。', too_many: '尝试次数过多，请10分钟后再试。' },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/index.htm', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/goform/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.acc, body.pwd)
      if (verdict === 'right') return letIn(reply, desk, 'router').redirect('/status.htm', 302)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/goform/password', (_request, reply) => {
      desk.count('passwordChanges')
      return show(reply, frame('已保存'))
    })
    membersPage(app, desk, { path: '/status.htm', login: '/index.htm', html: home })
    logout(app, desk, '/goform/exit', '/index.htm')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=acc]', username)
      await page.fill('[name=pwd]', password)
      await page.click('[type=submit]')
    },
  },
}
