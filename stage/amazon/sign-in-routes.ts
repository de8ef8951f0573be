import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Asked, type Posted, show } from '../gallery/desk/answers.ts'
import {
  chooserPage,
  continueShoppingPage,
  namePage,
  newAccountPage,
  passwordPage,
  robotPage,
} from './pages.ts'
import type { Shop } from './shop.ts'
import type { Between } from './turns.ts'
import type { Visit } from './visits.ts'

const others = [
  { name: 'bob@example.com', person: 'Bob' },
  { name: 'carol@example.com', person: 'Carol' },
]

/** Where each page between stands. */
export const betweenPaths: Record<Between, string> = {
  method_choice: '/ap/mfa/new-otp',
  code: '/ap/mfa',
  mailed_code: '/ap/cvf/request',
  approval: '/ap/cvf/approval',
  add_phone: '/ap/accountfixup',
  passkey: '/ap/passkey',
  change_password: '/ap/forgotpassword/reverification',
}

/** On to what still stands between, or in. */
export function goOn(reply: FastifyReply, visit: Visit, shop: Shop) {
  const [next] = visit.pending
  if (next) return reply.redirect(betweenPaths[next], 302)
  shop.begin(reply)
  return reply.redirect('/gp/css/order-history', 302)
}

/** Name and password, and what may stand before them. */
export function serveSignIn(app: FastifyInstance, shop: Shop): void {
  app.get<Asked>('/ap/signin', (request, reply) => {
    const visit = shop.visits.of(request, reply)
    return show(reply, firstPage(request, visit, shop))
  })
  app.get('/errors/validateCaptcha', (request, reply) => {
    if (shop.turns.captcha === 'before_name') shop.count('captchas')
    else shop.visits.of(request, reply).hasContinued = true
    return reply.redirect('/ap/signin')
  })
  app.post<Posted>('/ap/signin', (request, reply) => {
    const { email = '', password = '' } = request.body
    const isKnown = email.trim().toLowerCase() === shop.username
    if (password === '') return answerName(reply, shop, { email, isKnown })
    const visit = shop.visits.of(request, reply)
    shop.count('passwords')
    if (request.body.rememberMe) shop.count('remembered')
    if (!isKnown || password !== shop.password)
      return show(reply, passwordPage(email, shop.turns, 'Your password is incorrect'))
    const isTrusted = shop.visits.isTrusted(visit)
    const isCode = (page: Between) => page === 'code' || page === 'method_choice'
    visit.pending = shop.turns.afterPassword.filter((each) => !(isTrusted && isCode(each)))
    return goOn(reply, visit, shop)
  })
}

function firstPage(request: FastifyRequest<Asked>, visit: Visit, { turns, username }: Shop): string {
  const { claim, add } = request.query
  if (claim !== undefined) return passwordPage(claim, turns)
  if (turns.continueShopping && !visit.hasContinued) return continueShoppingPage
  if (turns.captcha === 'before_name') return robotPage
  if (turns.chooser === 'none' || add !== undefined) return namePage(turns)
  const own = turns.chooser === 'own' ? [{ name: username, person: 'Alice' }] : []
  return chooserPage([...others, ...own])
}

function answerName(
  reply: FastifyReply,
  shop: Shop,
  { email, isKnown }: { email: string; isKnown: boolean },
) {
  shop.count('names')
  if (isKnown) return show(reply, passwordPage(email, shop.turns))
  if (shop.turns.unknownName === 'new_account') return show(reply, newAccountPage)
  return show(reply, namePage(shop.turns, 'We cannot find an account with that email address'))
}
