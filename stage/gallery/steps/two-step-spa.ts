import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Identification</title><style>
.fenetre{width:340px;overflow:hidden;margin:5em auto;border:1px solid #ccc}.rail{display:flex;width:680px;transition:transform .5s ease}.rail.deux{transform:translateX(-340px)}.pas{width:300px;padding:20px}.voile{opacity:.4;pointer-events:none}.ko{color:#c22}</style></head><body>
<div class="fenetre"><div class="rail"><div class="pas" id="p1"><h2>Quel est votre e-mail ?</h2><input id="courriel" type="email" placeholder="nom@exemple.fr"><p class="ko"></p><button id="suite">Continuer</button></div><div class="pas" id="p2"></div></div></div>
<script>
const post = (path, body) => fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
const pause = (ms) => new Promise((done) => setTimeout(done, ms))
let flux
document.getElementById('suite').onclick = async () => {
  p1.classList.add('voile'); await pause(400)
  const answer = await post('/id/courriel', { courriel: courriel.value })
  p1.classList.remove('voile')
  if (!answer.ok) { p1.querySelector('.ko').textContent = 'Aucun compte ne correspond à cette adresse.'; return }
  flux = (await answer.json()).flux
  p2.innerHTML = '<h2>Bonjour !</h2><p>' + courriel.value + ' <a href="">Modifier</a></p><input type="password" placeholder="Votre mot de passe"><p class="ko"></p><button>Me connecter</button>'
  document.querySelector('.rail').classList.add('deux')
  p2.querySelector('button').onclick = connecter
  await pause(500); p1.style.visibility = 'hidden'
}
async function connecter() {
  p2.classList.add('voile'); await pause(300)
  const answer = await post('/id/secret', { flux, secret: p2.querySelector('input').value })
  p2.classList.remove('voile')
  if (answer.ok) { p2.innerHTML = '<p>Un instant…</p>'; await pause(600); location.href = '/accueil' }
  else { p2.querySelector('.ko').textContent = (await answer.json()).erreur; p2.querySelector('input').value = '' }
}
</script></body></html>`

export const twoStepSpa: DoorPlan = {
  name: 'two-step-spa',
  shape: 'two steps that slide within one page, with pauses; no <form>',
  language: 'fr',
  username: 'claire@ligne.example',
  loginPath: '/id',
  signedIn: { path: '/accueil', text: 'Vos voyages, Claire' },
  says: {
    wrong: 'Mot de passe erroné.',
    locked: 'Votre compte est verrouillé.',
    too_many: 'Trop de tentatives.',
  },
  moods: ['locked', 'too_many'],
  serve(app, desk) {
    app.get('/id', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/id/courriel', ({ body }, reply) =>
      desk.hasName(body.courriel) ? { flux: desk.keep('claire') } : reply.code(404).send({}),
    )
    app.post<Posted>('/id/secret', ({ body }, reply) => {
      const verdict = desk.tryPassword(desk.kept(body.flux) && desk.username, body.secret)
      if (verdict === 'right') return letIn(reply, desk, 'ligne').send({})
      return reply.code(401).send({ erreur: desk.says(verdict) })
    })
    membersPage(app, desk, {
      path: '/accueil',
      login: '/id',
      html: '<!doctype html><html lang="fr"><title>Accueil</title><h1>Vos voyages, Claire</h1><a href="/id/fin">Déconnexion</a>',
    })
    logout(app, desk, '/id/fin', '/id')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#courriel', username)
      await page.click('#suite')
      await page.getByPlaceholder('mot de passe').fill(password)
      await page.getByText('Me connecter').click()
    },
  },
}
