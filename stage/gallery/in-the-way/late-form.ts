import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>登录 - 云仓</title><style>.sk{height:40px;background:#eee;margin:10px;animation:p 1s infinite}@keyframes p{50%{opacity:.4}}.el-input{margin:10px}.tip{color:red}</style></head><body><div id="app"><div class="sk"></div><div class="sk"></div><div class="sk"></div></div>
<script>setTimeout(() => {
  document.getElementById('app').innerHTML = '<div class="tabs"><span class="active">密码登录</span> <span>短信登录</span></div><form class="el-form"><div class="el-input"><input type="text" placeholder="请输入用户名/手机号"></div><div class="el-input"><input type="password" placeholder="请输入密码"></div><div class="tip"></div><label><input type="checkbox" id="agree"> 我已阅读并同意《用户协议》</label><br><button type="button" class="el-button">登 录</button> <a href="/register">立即注册</a> <a href="/forget">忘记密码</a></form>'
  const [user, pass] = document.querySelectorAll('.el-input input')
  document.querySelector('.el-button').onclick = async () => {
    const tip = document.querySelector('.tip')
    if (!document.getElementById('agree').checked) { tip.textContent = '请先阅读并同意用户协议'; return }
    const answer = await (await fetch('/prod-api/login', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ username: user.value, password: pass.value }) })).json()
    if (answer.code === 200) location.href = '/index'; else tip.textContent = answer.msg
  }
}, 2000)</script></body></html>`

export const lateForm: DoorPlan = {
  name: 'late-form',
  shape: 'skeletons for two seconds, then the form; terms must be ticked first; every answer is a 200',
  language: 'zh',
  username: 'wangwei',
  loginPath: '/login',
  signedIn: { path: '/index', text: '欢迎您，王伟' },
  says: {
    wrong: '用户名或密码错误',
    locked: '对不起，您的账号已停用',
    too_many: '登录失败次数过多，请稍后再试',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/prod-api/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.username, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'Admin-Token').send({ code: 200 })
      return reply.send({ code: 500, msg: desk.says(verdict) })
    })
    membersPage(app, desk, {
      path: '/index',
      login: '/login',
      html: '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>首页</title>欢迎您，王伟 <a href="/logout">退出登录</a>',
    })
    logout(app, desk, '/logout', '/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('用户名').fill(username)
      await page.getByPlaceholder('密码').fill(password)
      await page.check('#agree')
      await page.click('.el-button')
    },
  },
}
