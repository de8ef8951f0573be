import { setTimeout as sleep } from 'node:timers/promises'
import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const pageMs = 1_500
const answerMs = 2_500
const assetMs = 20_000

const page = (
  error = '',
) => `<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Acesso ao sistema</title></head><body><img src="/logo.png" width="200" height="60" alt="Prefeitura">
<form method="post" action="/acesso"><fieldset><legend>Acesso</legend>Usuário: <input name="usuario"> Senha: <input type="password" name="senha"> <input type="submit" value="Acessar"></fieldset></form><p><strong>${error}</strong></p></body></html>`

export const slowPage: DoorPlan = {
  name: 'slow-page',
  shape: 'a slow page, a slower answer, and a picture that takes 20 s, so that the load event hardly comes',
  language: 'pt',
  username: 'fiscal.souza',
  loginPath: '/acesso',
  signedIn: { path: '/sistema', text: 'Usuário: fiscal.souza' },
  says: { wrong: 'Usuário e/ou senha incorretos.', locked: 'Usuário bloqueado.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/logo.png', async (_request, reply) => {
      await sleep(assetMs, undefined, { ref: false })
      return reply.code(404).send()
    })
    app.get('/acesso', async (_request, reply) => {
      desk.count('formsShown')
      await sleep(pageMs)
      return show(reply, page())
    })
    app.post<Posted>('/acesso', async ({ body }, reply) => {
      const verdict = desk.tryPassword(body.usuario, body.senha)
      await sleep(answerMs)
      if (verdict === 'right') return letIn(reply, desk, 'JSESSIONID').redirect('/sistema', 302)
      return show(reply, page(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/sistema',
      login: '/acesso',
      html: '<html lang="pt-BR"><meta charset="utf-8"><title>Sistema</title><img src="/logo.png" alt=""> Usuário: fiscal.souza <a href="/sair">Sair</a></html>',
    })
    logout(app, desk, '/sair', '/acesso')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=usuario]', username)
      await page.fill('[name=senha]', password)
      await page.click('[type=submit]', { noWaitAfter: true })
    },
  },
}
