import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Caja Sierra</title></head><body>${inner}</body></html>`
const form = (error = '') =>
  frame(
    `<form method="post" action="/acceder"><label for="d">Documento</label><input id="d" name="documento"><label for="c">Clave de acceso</label><input id="c" name="clave" type="password" maxlength="40"><p>${error}</p><button>Acceder</button></form>`,
  )
const terms = frame(
  `<h1>Hemos actualizado nuestras condiciones</h1><form method="post" action="/condiciones"><div style="height:80px;overflow:auto">Condiciones generales…</div><label><input type="checkbox" id="a" name="acepto" value="si" onchange="document.querySelector('button').disabled = !this.checked"> He leído y acepto las condiciones</label><button disabled>Continuar</button></form>`,
)
const notifications = frame(
  `<h1>¿Quieres recibir notificaciones?</h1><p>Te avisaremos de cada movimiento.</p><form method="post" action="/avisos"><input type="hidden" name="z" value="0"><button name="r" value="si">Activar notificaciones</button><button name="r" value="no">Ahora no</button></form>`,
)

export const termsAndNotifications: DoorPlan = {
  name: 'terms-and-notifications',
  shape: 'new terms to tick and accept, then “turn on notifications?”',
  language: 'es',
  username: '48112233K',
  loginPath: '/acceder',
  signedIn: { path: '/posicion', text: 'Posición global' },
  says: { wrong: 'Los datos introducidos no son correctos.', locked: 'Tu clave está bloqueada.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/acceder', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/acceder', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.documento, body.clave)
      if (verdict === 'right') return show(giveCookie(reply, 'paso', desk.keep('clave')), terms)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/condiciones', (request, reply) => {
      const isNext = desk.take(cookieOf(request, 'paso')) === 'clave' && request.body.acepto === 'si'
      return isNext
        ? show(giveCookie(reply, 'paso', desk.keep('condiciones')), notifications)
        : show(reply, form())
    })
    app.post<Posted>('/avisos', (request, reply) => {
      if (desk.take(cookieOf(request, 'paso')) !== 'condiciones') return show(reply, form())
      if (request.body.r === 'si') desk.count('newsletters')
      return letIn(reply, desk, 'cs').redirect('/posicion', 303)
    })
    membersPage(app, desk, {
      path: '/posicion',
      login: '/acceder',
      html: frame('<h1>Posición global</h1><a href="/desconectar">Desconectar</a>'),
    })
    logout(app, desk, '/desconectar', '/acceder')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#d', username)
      await page.fill('#c', password)
      await page.getByText('Acceder').click()
    },
    async afterwards(page) {
      await page.check('#a')
      await page.getByText('Continuar').click()
      await page.getByText('Ahora no').click()
    },
  },
}
