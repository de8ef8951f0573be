import type { RecipeHooks } from '@session-broker/recipe'
import t from 'tap'
import type {
  AskPerson,
  PictureTaken,
  Question,
} from '../../../../apps/broker/src/session/ports/site-login.ts'
import { openSignIn, password, plain, startPage } from '../visit-page.ts'

const { logIn } = await openSignIn(t)

t.test(
  'a choice of several workspaces is a person’s: made on the page, the login goes on by itself',
  async (t) => {
    const choice = `<h1>Choose a workspace</h1><form action="/home">
    <button style="position:absolute;left:10px;top:100px;width:200px;height:40px">Bakery</button>
    <button style="position:absolute;left:10px;top:200px;width:200px;height:40px">Butchery</button></form>`
    const visit = await startPage(t, {
      form: plain,
      onPost: (_body, response) =>
        response.writeHead(303, { location: '/choice', 'set-cookie': 'sid=in' }).end(),
      pages: { '/choice': choice, '/home': '<h1>Hello, butcher</h1>' },
    })
    const asked: Question[] = []
    const pictures: PictureTaken[] = []
    const askPerson: AskPerson = async (question, view) => {
      asked.push(question)
      const unfollow = await view.follow((picture) => pictures.push(picture))
      await view.act({ click: { x: 60, y: 220 } })
      await view.movedOn(AbortSignal.timeout(20_000))
      await unfollow()
      return { kind: 'moved_on' }
    }
    const { landedUrl } = await logIn(visit, { askPerson })
    t.match(landedUrl, `${visit.origin}/home`)
    t.match(asked, [{ kind: 'choice', prompt: /Choose a workspace/, page: `${visit.origin}/choice` }])
    t.match(pictures[0], { mediaType: 'image/jpeg', width: 1280, height: 720 })
  },
)

t.test('a password that was rejected together with a person’s code is not sent again', async (t) => {
  const all = `<form method="post"><input name="u">${password}<label>Code from your mail <input name="otp" autocomplete="one-time-code"></label><button>Sign in</button></form>`
  const visit = await startPage(t, {
    form: all,
    onPost: (_body, response) => response.end(`<p>Invalid credentials</p>${all}`),
  })
  let asked = 0
  const askPerson: AskPerson = async () => {
    asked += 1
    return { kind: 'code', code: '123456' }
  }
  await t.rejects(logIn(visit, { askPerson }), { code: 'login_bad_credentials' })
  t.equal(asked, 1)
  t.equal(visit.posts.length, 1)
})

t.test(
  'what was typed is out of the page before a person works on it, also where a script keeps it',
  async (t) => {
    const keeping = `<form method="post"><input name="u"><input id="field" type="password" name="p"><input id="code" name="otp">
    <button>Sign in</button></form><script>
    let kept = ''
    field.addEventListener('input', () => { kept = field.value })
    addEventListener('click', () => fetch('/seen', { method: 'POST', body: 'kept:' + kept + field.value }))</script>`
    const visit = await startPage(t, { form: keeping })
    const askPerson: AskPerson = async (_question, view) => {
      await view.act({ click: { x: 600, y: 600 } })
      while (visit.posts.length === 0) await new Promise(setImmediate)
      throw new Error('enough was seen')
    }
    const hooks: RecipeHooks = {
      answer: async (page, _reading, context) => {
        await context.typePassword(page.locator('#field'))
        await context.typeCode(page.locator('#code'), { from: 'person' })
        return 'done' as const
      },
    }
    await t.rejects(logIn(visit, { askPerson, hooks }))
    t.same(visit.posts, ['kept:'])
  },
)
