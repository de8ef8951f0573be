import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const shell = `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Mercado Sur</title><style>
*{box-sizing:border-box}body{margin:0;background:#fff7ec;font-family:Georgia,serif}.caja{width:320px;margin:90px auto;display:flex;flex-direction:column;gap:12px}
.caja input{padding:14px;border:0;border-bottom:2px solid #d67}.caja button{padding:14px;background:#d67;color:#fff;border:0}.aviso{color:#a00;min-height:1.2em}
</style></head><body><div class="caja"><img alt="Mercado Sur" width="80" height="30" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<form class="entrar"><input placeholder="Correo electrónico o usuario"><br><input type="password" placeholder="Contraseña"><br><button>Entrar</button></form>
<div class="aviso" aria-live="polite"></div><small>¿Eres nuevo? <a href="/registro">Crea tu cuenta</a></small></div>
<script>
const [quien, clave] = document.querySelectorAll('.entrar input')
document.querySelector('.entrar').addEventListener('submit', async (event) => {
  event.preventDefault()
  const respuesta = await fetch('/v1/entrar', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ u: quien.value, c: clave.value }) })
  if (respuesta.ok) location.assign('/panel')
  else document.querySelector('.aviso').textContent = (await respuesta.json()).mensaje
})
</script></body></html>`

export const placeholdersOnly: DoorPlan = {
  name: 'placeholders-only',
  shape: 'inputs with neither name, id nor label: only placeholders; sent by fetch',
  language: 'es',
  username: 'lucia@mercado.example',
  loginPath: '/entrar',
  signedIn: { path: '/panel', text: 'Bienvenida de nuevo, Lucía' },
  says: {
    wrong: 'Usuario o contraseña incorrectos.',
    too_many: 'Has superado el número de intentos. Inténtalo más tarde.',
  },
  moods: ['too_many'],
  serve(app, desk) {
    app.get('/entrar', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, shell)
    })
    app.post<Posted>('/v1/entrar', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.u, body.c)
      if (verdict === 'right') return letIn(reply, desk, 'ms_sesion').send({ ok: true })
      return reply.code(verdict === 'too_many' ? 429 : 401).send({ mensaje: desk.says(verdict) })
    })
    const panel = `<!doctype html><html lang="es"><title>Panel</title><p>Bienvenida de nuevo, Lucía</p><a href="/salir">Cerrar sesión</a>`
    membersPage(app, desk, { path: '/panel', login: '/entrar', html: panel })
    logout(app, desk, '/salir', '/entrar')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('Correo').fill(username)
      await page.getByPlaceholder('Contraseña').fill(password)
      await page.getByText('Entrar').click()
    },
  },
}
