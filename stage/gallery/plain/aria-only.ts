import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = `<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Inloggen – Polderbank Zakelijk</title>
<style>body{font-family:Verdana;background:#f4f4f0}.k{background:#fff;width:26em;margin:3em auto;padding:2em}.v{border:1px solid #999;padding:.5em;margin:.6em 0}.v input{border:0;outline:0;width:100%}
[role=button]{background:#f60;color:#fff;padding:.7em;text-align:center;cursor:pointer}[role=alert]{color:#c00}</style></head>
<body><div class="k" role="main"><h2>Mijn Polderbank</h2><div role="alert" hidden></div>
<div role="form" aria-label="Inloggen">
<div class="v"><input type="text" aria-label="Gebruikersnaam" spellcheck="false"></div>
<div class="v"><input type="password" aria-label="Wachtwoord"></div>
<div role="checkbox" aria-checked="false" tabindex="0">☐ Ingelogd blijven</div><br>
<div role="button" tabindex="0" data-act="go"><span>Inloggen</span></div></div>
<p><a href="/wachtwoord-vergeten">Wachtwoord vergeten?</a></p></div>
<script>
const form = document.querySelector('[role=form]'), alertBox = document.querySelector('[role=alert]')
const box = document.querySelector('[role=checkbox]')
box.onclick = () => box.setAttribute('aria-checked', box.getAttribute('aria-checked') !== 'true')
async function go() {
  const fields = [...form.querySelectorAll('input')].map((input) => input.value)
  const answer = await fetch('/sessie', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ naam: fields[0], geheim: fields[1] }) })
  if (answer.status === 204) return location.replace('/overzicht')
  alertBox.hidden = false
  alertBox.textContent = await answer.text()
}
form.querySelector('[data-act]').addEventListener('click', go)
form.addEventListener('keydown', (event) => event.key === 'Enter' && go())
</script></body></html>`

export const ariaOnly: DoorPlan = {
  name: 'aria-only',
  shape: 'no <form>, no <button>, no <label>: roles and aria-labels alone',
  language: 'nl',
  username: 'jansen-bv',
  loginPath: '/inloggen',
  signedIn: { path: '/overzicht', text: 'Welkom terug, Jansen B.V.' },
  says: {
    wrong: 'De combinatie van gebruikersnaam en wachtwoord is onjuist.',
    locked: 'Uw account is geblokkeerd. Neem contact op met de klantenservice.',
  },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/inloggen', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page)
    })
    app.post<Posted>('/sessie', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.naam, body.geheim)
      if (verdict === 'right') return letIn(reply, desk, 'PBSESSIE').code(204).send()
      return reply.code(403).send(desk.says(verdict))
    })
    const overview = `<!doctype html><html lang="nl"><title>Overzicht</title><h1>Overzicht</h1><p>Welkom terug, Jansen B.V.</p><a href="/uitloggen">Uitloggen</a>`
    membersPage(app, desk, { path: '/overzicht', login: '/inloggen', html: overview })
    logout(app, desk, '/uitloggen', '/inloggen')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByLabel('Gebruikersnaam').fill(username)
      await page.getByLabel('Wachtwoord').fill(password)
      await page.getByRole('button', { name: 'Inloggen' }).click()
    },
  },
}
