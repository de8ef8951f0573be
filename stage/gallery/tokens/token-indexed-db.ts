import { type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const shell = `<!doctype html><html lang="de"><head><meta charset="utf-8"><title>Werkbank</title></head><body><div id="wb">Wird geladen …</div>
<script>
const opening = new Promise((done, fail) => { const request = indexedDB.open('werkbank', 1); request.onupgradeneeded = () => request.result.createObjectStore('anmeldung'); request.onsuccess = () => done(request.result); request.onerror = fail })
const within = async (mode, work) => { const store = (await opening).transaction('anmeldung', mode).objectStore('anmeldung'); return new Promise((done) => { const request = work(store); request.onsuccess = () => done(request.result) }) }
async function start() {
  const held = await within('readonly', (store) => store.get('ausweis'))
  const answer = await fetch('/v2/ich', { headers: held ? { authorization: 'Bearer ' + held.wert } : {} })
  if (answer.ok) { wb.innerHTML = '<h2>Werkbank von ' + (await answer.json()).name + '</h2><a href="#" id="ab">Abmelden</a>'
    ab.onclick = async () => { await fetch('/v2/ende', { method: 'POST', headers: { authorization: 'Bearer ' + held.wert } }); await within('readwrite', (store) => store.clear()); start() }
    return }
  wb.innerHTML = '<h2>Anmelden</h2><div class="z"><div>Anmeldename</div><input id="n"></div><div class="z"><div>Passwort</div><input id="p" type="password"></div><div id="f"></div><button id="k">Anmelden</button>'
  k.onclick = async () => {
    const answer = await fetch('/v2/anmelden', { method: 'POST', body: new URLSearchParams({ n: n.value, p: p.value }) })
    if (!answer.ok) { f.textContent = await answer.text(); return }
    const wert = (await answer.json()).ausweis
    await within('readwrite', (store) => store.put({ wert, seit: new Date() }, 'ausweis'))
    start()
  }
}
start()
</script></body></html>`

export const tokenIndexedDb: DoorPlan = {
  name: 'token-indexed-db',
  shape: 'a single page whose token lies in IndexedDB; no cookie, no <form>',
  language: 'de',
  username: 'brigitte',
  loginPath: '/werkbank',
  signedIn: { path: '/werkbank', text: 'Werkbank von Brigitte', in: 'browser' },
  says: { wrong: 'Anmeldename oder Passwort falsch', locked: 'Zugang gesperrt' },
  moods: ['locked'],
  keptIn: 'indexedDB',
  serve(app, desk) {
    app.get('/werkbank', (_request, reply) => show(reply, shell))
    app.get('/v2/ich', (request, reply) => {
      if (desk.isIn(request)) return { name: 'Brigitte' }
      desk.count('formsShown')
      return reply.code(401).send({})
    })
    app.post<Posted>('/v2/anmelden', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.n, body.p)
      return verdict === 'right'
        ? reply.send({ ausweis: desk.begin() })
        : reply.code(401).send(desk.says(verdict))
    })
    app.post('/v2/ende', (request) => {
      desk.signOut(request)
      return {}
    })
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('#n', username)
      await page.fill('#p', password)
      await page.click('#k')
    },
  },
}
