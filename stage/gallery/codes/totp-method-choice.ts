import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Acesso seguro</title></head><body><section class="card">${inner}</section></body></html>`
const form = (error = '') =>
  frame(
    `<h1>Entrar</h1><form method="post" action="/entrar"><input name="cpf" placeholder="CPF ou e-mail"><input name="senha" type="password" placeholder="Senha"><p>${error}</p><button>Entrar</button></form>`,
  )
const choice = frame(
  `<h1>Como você quer confirmar que é você?</h1><form method="post" action="/entrar/metodo"><label><input type="radio" name="m" value="sms" checked> SMS para (11) •••••-••42</label><label><input type="radio" name="m" value="app"> Aplicativo autenticador</label><button>Continuar</button></form>`,
)
const code = (where: string, error = '') =>
  frame(
    `<h1>Digite o código</h1><p>${where}</p><form method="post" action="/entrar/codigo"><input name="codigo" autocomplete="one-time-code" aria-label="Código de 6 dígitos"><p>${error}</p><button>Confirmar</button></form><a href="/entrar/metodo">Tentar de outra forma</a>`,
  )
const texts = { app: 'Abra o seu aplicativo autenticador.', sms: 'Enviamos um SMS para você.' }

export const totpMethodChoice: DoorPlan = {
  name: 'totp-method-choice',
  shape: 'asks by which way to confirm: SMS is chosen beforehand, the authenticator app is what we have',
  language: 'pt',
  username: '123.456.789-09',
  loginPath: '/entrar',
  signedIn: { path: '/carteira', text: 'Sua carteira' },
  says: {
    wrong: 'CPF ou senha incorretos.',
    codeRefused: 'Código incorreto. Confira e tente de novo.',
    locked: 'Conta bloqueada por segurança.',
  },
  moods: ['codes_refused', 'locked'],
  secondFactor: 'totp',
  serve(app, desk) {
    app.get('/entrar', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/entrar', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.cpf, body.senha)
      if (verdict === 'right')
        return giveCookie(reply, 'etapa', desk.keep('senha')).redirect('/entrar/metodo', 303)
      return show(reply, form(desk.says(verdict)))
    })
    app.get('/entrar/metodo', (request, reply) =>
      desk.kept(cookieOf(request, 'etapa')) ? show(reply, choice) : reply.redirect('/entrar'),
    )
    app.post<Posted>('/entrar/metodo', (request, reply) => {
      if (!desk.kept(cookieOf(request, 'etapa'))) return reply.redirect('/entrar', 303)
      const method = request.body.m === 'app' ? 'app' : 'sms'
      if (method === 'sms') desk.sendCode()
      return show(giveCookie(reply, 'etapa', desk.keep(method)), code(texts[method]))
    })
    app.post<Posted>('/entrar/codigo', (request, reply) => {
      const method = desk.kept(cookieOf(request, 'etapa')) === 'app' ? 'app' : 'sms'
      const isRight = desk.tryCode(request.body.codigo) && method === 'app'
      return isRight
        ? letIn(reply, desk, 'carteira').redirect('/carteira', 303)
        : show(reply, code(texts[method], desk.says('codeRefused')))
    })
    membersPage(app, desk, {
      path: '/carteira',
      login: '/entrar',
      html: frame('<h1>Sua carteira</h1><a href="/sair">Sair</a>'),
    })
    logout(app, desk, '/sair', '/entrar')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('CPF').fill(username)
      await page.getByPlaceholder('Senha').fill(password)
      await page.getByRole('button').click()
    },
    async afterwards(page, { nextCode }) {
      await page.getByLabel('Aplicativo').check()
      await page.getByText('Continuar').click()
      await page.getByLabel('Código').fill(await nextCode())
      await page.getByText('Confirmar').click()
    },
  },
}
