import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="it"><head><title>Accedi | Trattoria Cloud</title><style>
.css-1x7f2{position:relative;margin:24px 0;width:300px}.css-1x7f2 input{width:100%;height:48px;padding:18px 12px 4px;border:1px solid #bbb;background:transparent}
.css-9q0kd{position:absolute;left:12px;top:14px;color:#777;pointer-events:none;transition:.15s}.css-1x7f2 input:focus+.css-9q0kd,.css-1x7f2 input:not(:placeholder-shown)+.css-9q0kd{top:2px;font-size:11px}
.css-err{color:#d32f2f;font-size:12px}main{width:300px;margin:10vh auto}.css-btn{width:300px;height:42px;background:#1976d2;color:#fff;border:0;text-transform:uppercase}</style></head>
<body><div id="root"><main class="MuiContainer-root css-k2j3"><h5 class="MuiTypography-root">Accedi al tuo account</h5>
<form class="css-0" novalidate method="post" action="/auth/login">
<div class="MuiFormControl-root css-1x7f2"><input aria-invalid="${error !== ''}" class="MuiInputBase-input" id=":r1:" name="credential" type="text" placeholder=" "><label class="css-9q0kd" for=":r1:">Nome utente o e-mail *</label></div>
<div class="MuiFormControl-root css-1x7f2"><input class="MuiInputBase-input" id=":r2:" name="secret" type="password" placeholder=" "><label class="css-9q0kd" for=":r2:">Password *</label></div>
<p class="MuiFormHelperText-root css-err">${error}</p>
<label><input type="checkbox" name="ricordami" value="1"> Ricordami</label>
<button class="MuiButton-root css-btn" tabindex="0" type="submit">Accedi<span class="MuiTouchRipple-root"></span></button></form>
<a class="MuiLink-root" href="/recupera">Hai dimenticato la password?</a></main></div></body></html>`

export const floatingLabels: DoorPlan = {
  name: 'floating-labels',
  shape: 'labels that float in the field and come after it; ids and classes made by a framework',
  language: 'it',
  username: 'giulia.rossi',
  loginPath: '/auth/login',
  signedIn: { path: '/dashboard', text: 'Ciao Giulia' },
  says: {
    wrong: 'Credenziali non valide. Riprova.',
    locked: 'Account bloccato per motivi di sicurezza.',
    too_many: 'Troppi tentativi. Riprova tra qualche minuto.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/auth/login', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/auth/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.credential, body.secret)
      if (verdict === 'right') return letIn(reply, desk, 'connect.sid').redirect('/dashboard', 302)
      return show(reply, page(desk.says(verdict)), 422)
    })
    const dashboard = `<!doctype html><html lang="it"><title>Dashboard</title><header>Ciao Giulia <a href="/auth/logout">Esci</a></header><main>Nessun ordine oggi</main>`
    membersPage(app, desk, { path: '/dashboard', login: '/auth/login', html: dashboard })
    logout(app, desk, '/auth/logout', '/auth/login')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Nome utente').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Accedi' }).click()
    },
  },
}
