import { letIn, logout, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const landing = `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>Viajes Lucero</title><style>
.menu{display:none;position:absolute;background:#fff;border:1px solid #999}.menu.abierto{display:block}.capa{position:fixed;inset:0;background:#0008;display:flex;align-items:center;justify-content:center}.capa>div{background:#fff;padding:30px}</style></head><body>
<header>Viajes Lucero <span class="cuenta" tabindex="0" onclick="document.querySelector('.menu').classList.toggle('abierto')">Mi cuenta ▾</span><ul class="menu"><li><a href="/reservas">Mis reservas</a></li><li><a href="javascript:void(0)" onclick="entrar()">Iniciar sesión</a></li><li><a href="/alta">Regístrate</a></li></ul></header><main><h1>Ofertas de otoño</h1></main>
<script>
async function entrar() {
  document.querySelector('.menu').classList.remove('abierto')
  const capa = document.createElement('div'); capa.className = 'capa'
  capa.innerHTML = await (await fetch('/fragmentos/acceso')).text()
  document.body.append(capa)
  capa.querySelector('form').onsubmit = async (event) => {
    event.preventDefault()
    const answer = await fetch('/acceso', { method: 'POST', body: new URLSearchParams(new FormData(event.target)) })
    if (!answer.ok) { capa.querySelector('.err').textContent = await answer.text(); return }
    capa.remove(); document.querySelector('.cuenta').outerHTML = '<span>Hola, Carmen</span>'
  }
}
</script></body></html>`

export const modalFromMenu: DoorPlan = {
  name: 'modal-from-menu',
  shape: 'the sign-in is in a menu, in a layer that is fetched; the page stays when one is in',
  language: 'es',
  username: 'carmen@lucero.example',
  loginPath: '/',
  signedIn: { path: '/reservas', text: 'Hola, Carmen' },
  says: { wrong: 'El correo o la contraseña no son correctos.', locked: 'Tu cuenta ha sido bloqueada.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/', (_request, reply) => show(reply, landing))
    app.get('/reservas', (request, reply) =>
      desk.isIn(request)
        ? show(
            reply,
            '<!doctype html><html lang="es"><title>Reservas</title>Hola, Carmen <a href="/cerrar-sesion">Cerrar sesión</a>',
          )
        : reply.redirect('/'),
    )
    app.get('/alta', (_request, reply) => {
      desk.count('signUps')
      return show(reply, '<h1>Regístrate</h1>')
    })
    app.get('/fragmentos/acceso', (_request, reply) => {
      desk.count('formsShown')
      return show(
        reply,
        '<div><h2>Accede a tu cuenta</h2><form><input name="correo" placeholder="Correo electrónico"><input name="clave" type="password" placeholder="Contraseña"><p class="err"></p><button>Acceder</button></form><a href="/olvido">¿Has olvidado tu contraseña?</a></div>',
      )
    })
    app.post<Posted>('/acceso', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.correo, body.clave)
      if (verdict === 'right') return letIn(reply, desk, 'vl_ses').send('')
      return reply.code(401).send(desk.says(verdict))
    })
    logout(app, desk, '/cerrar-sesion', '/')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.click('.cuenta')
      await page.getByText('Iniciar sesión').click()
      await page.getByPlaceholder('Correo').fill(username)
      await page.getByPlaceholder('Contraseña').fill(password)
      await page.getByRole('button', { name: 'Acceder' }).click()
    },
  },
}
