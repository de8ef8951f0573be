import t from 'tap'
import type { AskPerson, PictureTaken, Question } from '../../../apps/broker/src/session/ports/site-login.ts'
import { openSignIn, plain, startPage } from './visit-page.ts'

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
