import { elsewhereOnThePage, letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const page = (
  error = '',
) => `<!doctype html><html lang="pt-BR"><head><meta charset="utf-8"><title>Identificação</title></head><body>
<div style="float:left;width:45%"><h3>Já sou cliente</h3><form action="/cliente/entrar" method="post">
<p>E-mail ou CPF<br><input type="text" name="identificacao"></p><p>Senha<br><input type="password" name="senha"></p>
<p style="color:red">${error}</p><input type="image" alt="Entrar" width="90" height="30" src="data:image/gif;base64,R0lGODlhAQABAAAAACw="> <a href="/cliente/senha">Esqueci minha senha</a></form></div>
<div style="float:right;width:45%"><h3>Quero me cadastrar</h3><form action="/cliente/cadastro" method="post">
<p>Nome completo<br><input type="text" name="nome"></p><p>E-mail<br><input type="text" name="email"></p><p>Crie uma senha<br><input type="password" name="senha"></p><p>Confirme a senha<br><input type="password" name="senha2"></p><input type="submit" value="Criar conta"></form></div></body></html>`

export const signUpSecond: DoorPlan = {
  name: 'sign-up-second',
  shape: 'sign-in on the left, sent by an image; a sign-up form with two passwords on the right',
  language: 'pt',
  username: 'joana.lima@loja.example',
  loginPath: '/cliente/identificacao',
  signedIn: { path: '/cliente/conta', text: 'Olá, Joana' },
  says: { wrong: 'E-mail ou senha inválidos.', locked: 'Conta bloqueada. Fale com o atendimento.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/cliente/identificacao', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, page())
    })
    app.post<Posted>('/cliente/entrar', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.identificacao, body.senha)
      if (verdict === 'right') return letIn(reply, desk, 'loja_sessao').redirect('/cliente/conta', 303)
      return show(reply, page(desk.says(verdict)))
    })
    elsewhereOnThePage(app, desk, {
      '/cliente/cadastro': { counts: 'signUps', html: '<h3>Cadastro realizado</h3>' },
      '/cliente/senha': {
        counts: 'resets',
        html: '<form method="post"><input name="email"><button>Enviar</button></form>',
      },
    })
    const account =
      '<!doctype html><html lang="pt-BR"><title>Minha conta</title><p>Olá, Joana! <a href="/cliente/sair">Sair</a></p>'
    membersPage(app, desk, { path: '/cliente/conta', login: '/cliente/identificacao', html: account })
    logout(app, desk, '/cliente/sair', '/cliente/identificacao')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.fill('[name=identificacao]', username)
      await page.fill('form[action*=entrar] [name=senha]', password)
      await page.click('input[alt=Entrar]')
    },
  },
}
