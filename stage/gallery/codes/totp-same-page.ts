import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (error = '') =>
  `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Consola</title></head><body><form method="post" action="/consola/entrada"><p><label>Usuario <input name="usuario"></label></p><p><label>Contraseña <input name="contrasena" type="password"></label></p><p><label>Código de verificación (app) <input name="codigo" maxlength="6" size="6"></label></p><p style="color:red">${error}</p><button>Iniciar sesión</button></form></body></html>`

export const totpSamePage: DoorPlan = {
  name: 'totp-same-page',
  shape: 'name, password and code in one form',
  language: 'es',
  username: 'root-hosting',
  loginPath: '/consola',
  signedIn: { path: '/consola/servidores', text: '7 servidores activos' },
  says: {
    wrong: 'Usuario, contraseña o código incorrectos.',
    codeRefused: 'El código de verificación no es válido.',
    locked: 'Usuario bloqueado.',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/consola', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/consola/entrada', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.usuario, body.contrasena)
      if (verdict !== 'right') return show(reply, page(desk.says(verdict)))
      return desk.tryCode(body.codigo)
        ? letIn(reply, desk, 'consola').redirect('/consola/servidores', 302)
        : show(reply, page(desk.says('codeRefused')))
    })
    membersPage(app, desk, {
      path: '/consola/servidores',
      login: '/consola',
      html: '<!doctype html><html lang="es"><title>Servidores</title><p>7 servidores activos</p><a href="/consola/salida">Salir</a>',
    })
    logout(app, desk, '/consola/salida', '/consola')
  },
  byHand: {
    async signIn(page, { username, password, nextCode }) {
      await page.getByLabel('Usuario').fill(username)
      await page.getByLabel('Contraseña').fill(password)
      await page.getByLabel('Código').fill(await nextCode())
      await page.getByRole('button').click()
    },
  },
}
