import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Acceso de socios</title></head><body><div class="panel">${inner}</div></body></html>`
const first = (error = '') =>
  frame(
    `<h1>Acceso de socios</h1><form method="post" action="/socios"><input name="socio" placeholder="Número de socio o correo"><small>${error}</small><button>Siguiente</button></form>`,
  )
const second = (flow: string, error = '') =>
  frame(
    `<h1>Introduce tu contraseña</h1><form method="post" action="/socios/clave"><input type="hidden" name="f" value="${flow}"><input type="password" name="clave" aria-label="Contraseña"><small>${error}</small><button>Entrar</button></form>`,
  )
const check = (hcaptcha: string) =>
  frame(
    `<h1>Un paso más</h1><p>Completa la comprobación de seguridad.</p><form method="post" action="/socios"><div class="h-captcha"><iframe title="Widget que contiene una casilla de verificación para el desafío de seguridad hCaptcha" src="${hcaptcha}/captcha/v1/hcaptcha.html#frame=checkbox" width="303" height="78"></iframe><textarea name="h-captcha-response" style="display:none"></textarea></div><button disabled>Continuar</button></form>`,
  )

export const hcaptchaAfterName: DoorPlan = {
  name: 'hcaptcha-after-name',
  shape: 'two documents; in the mood, hCaptcha stands between the name and the password',
  language: 'es',
  username: 'S-90311',
  loginPath: '/socios',
  signedIn: { path: '/socios/inicio', text: 'Carné digital S-90311' },
  says: {
    wrong: 'La contraseña no es válida.',
    captcha: 'Completa la comprobación de seguridad.',
    locked: 'Socio dado de baja.',
  },
  moods: ['captcha', 'locked'],
  serve(app, desk) {
    app.get('/socios', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, first())
    })
    app.post<Posted>('/socios', ({ body }, reply) => {
      if (!desk.hasName(body.socio)) return show(reply, first('No encontramos ese socio.'))
      return show(reply, desk.mood() === 'captcha' ? check(desk.elsewhere()) : second(desk.keep('socio')))
    })
    app.post<Posted>('/socios/clave', ({ body }, reply) => {
      const verdict = desk.tryPassword(desk.kept(body.f) && desk.username, body.clave)
      return verdict === 'right'
        ? letIn(reply, desk, 'socio').redirect('/socios/inicio', 303)
        : show(reply, second(body.f ?? '', desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/socios/inicio',
      login: '/socios',
      html: frame('Carné digital S-90311 <a href="/socios/salir">Salir</a>'),
    })
    logout(app, desk, '/socios/salir', '/socios')
  },
  serveElsewhere(app, desk) {
    app.get('/captcha/v1/hcaptcha.html', (_request, reply) => {
      desk.count('captchasShown')
      return show(
        reply,
        '<meta charset="utf-8"><body><div id="checkbox" role="checkbox" aria-checked="false" tabindex="0">☐</div> Soy humano <small>hCaptcha</small></body>',
      )
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=socio]', username)
      await page.getByText('Siguiente').click()
      await page.getByLabel('Contraseña').fill(password)
      await page.getByText('Entrar').click()
    },
  },
}
