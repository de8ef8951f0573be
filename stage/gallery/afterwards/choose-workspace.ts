import { cookieOf, giveCookie, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Gestor</title></head><body><div class="cartao">${inner}</div></body></html>`
const form = (error = '') =>
  frame(
    `<form method="post" action="/gestor/login"><p><input name="login" placeholder="Nome de usuário ou e-mail"></p><p><input name="senha" type="password" placeholder="Senha"><span role="button" tabindex="0" onclick="this.previousElementSibling.type = 'text'">mostrar</span></p><p class="erro">${error}</p><p><label><input type="checkbox" name="lembrar"> Lembrar de mim</label></p><button>Entrar</button></form>`,
  )
const choose = frame(
  `<h1>Selecione a empresa</h1><form method="post" action="/gestor/empresa"><button class="empresa" name="empresa" value="12">Padaria Estrela Ltda.<small>CNPJ 12.345.678/0001-90</small></button></form><a href="/gestor/empresa/nova">Cadastrar nova empresa</a>`,
)

export const chooseWorkspace: DoorPlan = {
  name: 'choose-workspace',
  shape: 'after the password a company has to be chosen, of one, before anybody is in',
  language: 'pt',
  username: 'contador',
  loginPath: '/gestor',
  signedIn: { path: '/gestor/painel', text: 'Painel da Padaria Estrela' },
  says: {
    wrong: 'Usuário ou senha inválidos',
    too_many: 'Muitas tentativas. Aguarde 5 minutos.',
    locked: 'Usuário bloqueado',
  },
  moods: ['too_many', 'locked'],
  serve(app, desk) {
    app.get('/gestor', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/gestor/login', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.login, body.senha)
      if (verdict === 'right') return show(giveCookie(reply, 'gestor_pre', desk.keep('contador')), choose)
      return show(reply, form(desk.says(verdict)))
    })
    app.post<Posted>('/gestor/empresa', (request, reply) =>
      desk.take(cookieOf(request, 'gestor_pre')) === 'contador' && request.body.empresa === '12'
        ? letIn(reply, desk, 'gestor').redirect('/gestor/painel', 303)
        : show(reply, form()),
    )
    app.get('/gestor/empresa/nova', (_request, reply) => {
      desk.count('signUps')
      return show(reply, frame('<h1>Nova empresa</h1>'))
    })
    membersPage(app, desk, {
      path: '/gestor/painel',
      login: '/gestor',
      html: frame('<h1>Painel da Padaria Estrela</h1><a href="/gestor/sair">Sair</a>'),
    })
    logout(app, desk, '/gestor/sair', '/gestor')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByPlaceholder('usuário').fill(username)
      await page.getByPlaceholder('Senha').fill(password)
      await page.getByRole('button', { name: 'Entrar' }).click()
    },
    async afterwards(page) {
      await page.getByText('Padaria Estrela').click()
    },
  },
}
