import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="en"><head><title>Login or Register - Brass & Bolt</title><style>
.cols{display:flex;gap:60px;max-width:900px;margin:40px auto}.u-column1,.u-column2{flex:1}.input-text{width:100%}.woocommerce-error{border-top:3px solid #b81c23;padding:1em}</style></head>
<body class="woocommerce-account"><header><a href="/">Brass &amp; Bolt</a> <a href="/cart">Cart (0)</a></header>
${error && `<ul class="woocommerce-error" role="alert"><li><strong>Error:</strong> ${error}</li></ul>`}
<div class="cols" id="customer_login"><div class="u-column1"><h2>Register</h2>
<form method="post" action="/my-account/register" class="register"><p><label for="reg_email">Email address *</label><input type="email" class="input-text" name="email" id="reg_email" autocomplete="email"></p>
<p><label for="reg_password">Password *</label><input type="password" class="input-text" name="password" id="reg_password" autocomplete="new-password"></p><button type="submit" name="register" value="Register">Register</button></form></div>
<div class="u-column2"><h2>Login</h2>
<form method="post" action="/my-account/" class="login"><p><label for="username">Username or email address *</label><input class="input-text" name="username" id="username" autocomplete="username"></p>
<p><label for="password">Password *</label><input class="input-text" type="password" name="password" id="password" autocomplete="current-password"></p>
<p><label><input name="rememberme" type="checkbox" value="forever"> Remember me</label></p><button type="submit" name="login" value="Log in">Log in</button><p><a href="/my-account/lost-password">Lost your password?</a></p></form></div></div></body></html>`

export const signUpFirst: DoorPlan = {
  name: 'sign-up-first',
  shape: 'sign-up form on the left, sign-in on the right, with the same field names',
  language: 'en',
  username: 'bob@bolts.example',
  loginPath: '/my-account/',
  signedIn: { path: '/my-account/orders', text: 'Hello bob' },
  says: {
    wrong: 'The password you entered for the email address bob@bolts.example is incorrect.',
    too_many: 'Too many failed login attempts. Please try again in 20 minutes.',
  },
  moods: ['too_many'],
  serve(app, desk) {
    app.get('/my-account/', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/my-account/', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.username, body.password)
      if (verdict === 'right')
        return letIn(reply, desk, 'wordpress_logged_in').redirect('/my-account/orders', 302)
      return show(reply, page(desk.says(verdict)))
    })
    elsewhereOnThePage(app, desk, {
      '/my-account/register': { counts: 'signUps', html: '<h1>Thank you for registering</h1>' },
      '/my-account/lost-password': {
        counts: 'resets',
        html: '<form method="post"><input name="user_login"><button>Reset password</button></form>',
      },
    })
    const orders =
      '<!doctype html><title>My account</title><p>Hello bob (not bob? <a href="/my-account/logout">Log out</a>)</p>'
    membersPage(app, desk, { path: '/my-account/orders', login: '/my-account/', html: orders })
    logout(app, desk, '/my-account/logout', '/my-account/')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#username', username)
      await page.fill('#password', password)
      await page.click('button[name=login]')
    },
  },
}
