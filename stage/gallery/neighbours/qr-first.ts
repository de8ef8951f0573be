import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>卖家中心</title><style>.pane{display:none}.pane.on{display:block}.corner{float:right;cursor:pointer}.qr{width:160px;height:160px;background:repeating-conic-gradient(#000 0 25%,#fff 0 50%) 0 0/20px 20px}.err{color:#f40}</style></head><body>
<div class="login-panel"><i class="corner" data-to="pw" title="密码登录">💻</i><div class="pane on" id="qr"><h3>手机扫码登录</h3><div class="qr"></div><p>打开 <b>手机客户端</b> 扫一扫登录</p><a href="#" data-to="pw">密码登录</a> <a href="/zhuce">免费注册</a></div>
<div class="pane" id="pw"><a href="#" data-to="sms">短信登录</a><div><input id="fm-login-id" placeholder="账号名/邮箱/手机号"></div><div><input id="fm-login-password" type="password" placeholder="请输入登录密码"></div><div class="err"></div><button type="button" id="go">登录</button></div>
<div class="pane" id="sms"><input placeholder="请输入手机号码"><input placeholder="请输入校验码"><a href="/sms/send">获取验证码</a><button type="button">登录</button></div></div>
<script>
document.querySelectorAll('[data-to]').forEach((each) => each.addEventListener('click', (event) => { event.preventDefault(); document.querySelectorAll('.pane').forEach((pane) => pane.classList.toggle('on', pane.id === each.dataset.to)) }))
document.getElementById('go').onclick = async () => {
  const body = new URLSearchParams({ loginId: document.getElementById('fm-login-id').value, password2: document.getElementById('fm-login-password').value })
  const { content } = await (await fetch('/newlogin/login.do', { method: 'POST', body })).json()
  if (content.success) location.href = '/seller'; else document.querySelector('.err').textContent = content.titleMsg
}
</script></body></html>`

export const qrFirst: DoorPlan = {
  name: 'qr-first',
  shape: 'a QR code to scan comes first, the password is behind a link, and text messages behind another',
  language: 'zh',
  username: 'maijia_88',
  loginPath: '/member/login.jhtml',
  signedIn: { path: '/seller', text: '卖家 maijia_88，您好' },
  says: { wrong: '账号名或登录密码不正确', too_many: '操作过于频繁，请稍后再试', locked: '您的账户已被冻结' },
  moods: ['too_many', 'locked'],
  serve(app, desk) {
    app.get('/member/login.jhtml', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/newlogin/login.do', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.loginId, body.password2)
      if (verdict === 'right') return letIn(reply, desk, 'cookie2').send({ content: { success: true } })
      return reply.send({ content: { success: false, titleMsg: desk.says(verdict) } })
    })
    app.get('/sms/send', (_request, reply) => {
      desk.count('codesSent')
      return show(reply, '已发送')
    })
    elsewhereOnThePage(app, desk, { '/zhuce': { counts: 'signUps', html: '<h3>免费注册</h3>' } })
    membersPage(app, desk, {
      path: '/seller',
      login: '/member/login.jhtml',
      html: '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>卖家中心</title>卖家 maijia_88，您好 <a href="/member/logout.jhtml">退出</a>',
    })
    logout(app, desk, '/member/logout.jhtml', '/member/login.jhtml')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.locator('#qr').getByText('密码登录').click()
      await page.fill('#fm-login-id', username)
      await page.fill('#fm-login-password', password)
      await page.click('#go')
    },
  },
}
