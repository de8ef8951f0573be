import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  google: string,
) => `<!doctype html><html lang="en"><head><title>Sign in | Ticketloft</title><style>.grecaptcha-badge{position:fixed;bottom:14px;right:0;width:256px;height:60px}.challenge{position:absolute;top:60px;left:60px;width:400px;height:480px;z-index:2000000000;background:#fff}</style></head><body>
<form id="f"><h1>Sign in</h1><label>Email address <input name="email" type="email"></label><label>Password <input name="password" type="password"></label><div id="g" class="g-recaptcha" data-sitekey="6Lc" data-size="invisible"></div><p id="m"></p><button>Sign in</button></form>
<div class="grecaptcha-badge"><iframe title="reCAPTCHA" src="${google}/recaptcha/api2/anchor?size=invisible" width="256" height="60" style="border:0"></iframe></div>
<textarea name="g-recaptcha-response" class="g-recaptcha-response" style="display:none"></textarea>
<script>f.onsubmit = async (event) => { event.preventDefault()
  const answer = await fetch('/api/login', { method: 'POST', body: new URLSearchParams(new FormData(f)) })
  if (answer.ok) return location.assign('/tickets')
  const body = await answer.json()
  if (!body.challenge) { m.textContent = body.error; return }
  const layer = document.createElement('div'); layer.className = 'challenge'
  layer.innerHTML = '<iframe title="recaptcha challenge expires in two minutes" src="${google}/recaptcha/api2/bframe" width="400" height="480" style="border:0"></iframe>'
  document.body.append(layer)
}</script></body></html>`

export const recaptchaBadge: DoorPlan = {
  name: 'recaptcha-badge',
  shape: 'the badge of an invisible reCAPTCHA, which is no captcha; in the mood, its challenge over the page',
  language: 'en',
  username: 'vip@ticketloft.example',
  loginPath: '/signin',
  signedIn: { path: '/tickets', text: 'Your tickets' },
  says: {
    wrong: "We couldn't find an account with that email and password.",
    captcha: 'Select all images with',
    locked: 'Account disabled.',
  },
  moods: ['captcha', 'locked'],
  serve(app, desk) {
    app.get('/signin', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page(desk.elsewhere()))
    })
    app.post<Posted>('/api/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.email, body.password)
      if (verdict === 'right') return letIn(reply, desk, 'loft').send({})
      return reply.code(400).send(verdict === 'captcha' ? { challenge: true } : { error: desk.says(verdict) })
    })
    membersPage(app, desk, {
      path: '/tickets',
      login: '/signin',
      html: '<title>Tickets</title><h1>Your tickets</h1><a href="/signout">Sign out</a>',
    })
    logout(app, desk, '/signout', '/signin')
  },
  serveElsewhere(app, desk) {
    app.get('/recaptcha/api2/anchor', (_request, reply) =>
      show(
        reply,
        '<body style="font:11px Roboto">protected by <b>reCAPTCHA</b><br><a href="/privacy">Privacy</a> - <a href="/terms">Terms</a></body>',
      ),
    )
    app.get('/recaptcha/api2/bframe', (_request, reply) => {
      desk.count('captchasShown')
      return show(
        reply,
        '<body><strong>Select all images with</strong><h2>traffic lights</h2><table id="rc-imageselect-target"><tr><td>▢<td>▢<td>▢<tr><td>▢<td>▢<td>▢</table><button>Verify</button></body>',
      )
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Email').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Sign in' }).click()
    },
  },
}
