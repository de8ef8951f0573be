import { letIn, logout, membersPage, type Posted, show } from '../desk/answers.ts'
import type { DoorPlan } from '../door-plan.ts'

const frame = (inner: string) =>
  `<!doctype html><html lang="pt"><head><meta charset="utf-8"><title>Contas Atlântico</title><style>li{list-style:none;padding:14px;border-bottom:1px solid #ddd;cursor:pointer}ul{width:380px;padding:0}</style></head><body><h1>Iniciar sessão</h1>${inner}</body></html>`
const chooser = frame(
  `<h2>Escolha uma conta</h2><ul><li onclick="location='/conta/outra-pessoa'"><b>Rui Costa</b><br>rui.costa@atlantico.example</li><li onclick="location='/conta/nova'"><b>Usar outra conta</b></li></ul>`,
)
const form = (error = '') =>
  frame(
    `<form method="post" action="/conta/nova"><input name="u" aria-label="Nome de utilizador"> <input type="password" name="s" aria-label="Palavra-passe"><div>${error}</div><button>Iniciar sessão</button></form>`,
  )

export const accountChooser: DoorPlan = {
  name: 'account-chooser',
  shape: 'asks which account first, and knows only another person; “use another account” has the form',
  language: 'pt',
  username: 'ines.alves@atlantico.example',
  loginPath: '/conta',
  signedIn: { path: '/caixa', text: 'Caixa de entrada de Inês' },
  says: { wrong: 'Nome de utilizador ou palavra-passe incorretos.', locked: 'A sua conta está bloqueada.' },
  moods: ['locked'],
  serve(app, desk) {
    app.get('/conta', (_request, reply) => show(reply, chooser))
    app.get('/conta/outra-pessoa', (_request, reply) => {
      desk.count('otherAccounts')
      return show(
        reply,
        frame(
          '<p>rui.costa@atlantico.example</p><form method="post" action="/conta/rui"><input type="password" name="s"><button>Seguinte</button></form>',
        ),
      )
    })
    app.post<Posted>('/conta/rui', ({ body }, reply) => {
      desk.tryPassword('rui.costa@atlantico.example', body.s)
      return show(reply, frame('<p>Palavra-passe incorreta.</p>'))
    })
    app.get('/conta/nova', (_request, reply) => {
      desk.count('formsShown')
      return show(reply, form())
    })
    app.post<Posted>('/conta/nova', ({ body }, reply) => {
      const verdict = desk.tryPassword(body.u, body.s)
      if (verdict === 'right') return letIn(reply, desk, 'atl').redirect('/caixa', 303)
      return show(reply, form(desk.says(verdict)))
    })
    membersPage(app, desk, {
      path: '/caixa',
      login: '/conta',
      html: '<!doctype html><html lang="pt"><title>Caixa</title><p>Caixa de entrada de Inês</p><a href="/terminar">Terminar sessão</a>',
    })
    logout(app, desk, '/terminar', '/conta')
  },
  byHand: {
    async signIn(page, { username, password }) {
      await page.getByText('Usar outra conta').click()
      await page.getByLabel('utilizador').fill(username)
      await page.getByLabel('Palavra-passe').fill(password)
      await page.getByRole('button', { name: 'Iniciar sessão' }).click()
    },
  },
}
