import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { type Asked, type Posted, show } from '../gallery/desk/answers.ts'
import {
  addPhonePage,
  approvalPage,
  changePasswordPage,
  codePage,
  mailedCodePage,
  methodPage,
  passkeyPage,
} from './pages.ts'
import type { Shop } from './shop.ts'
import { betweenPaths, goOn } from './sign-in-routes.ts'
import type { Between } from './turns.ts'

/** What comes after the right password. Each page is only for who stands before it. */
export function serveBetween(app: FastifyInstance, shop: Shop): void {
  const { codes, mail } = shop

  /** Past the page that stands next, or back to the beginning for whoever does not stand there. */
  function pass(
    request: FastifyRequest,
    reply: FastifyReply,
    which: Between,
    isPassed: boolean,
    again: string,
  ) {
    const visit = shop.visits.of(request, reply)
    if (visit.pending[0] !== which) return reply.redirect('/ap/signin')
    if (!isPassed) return show(reply, again)
    visit.pending.shift()
    return goOn(reply, visit, shop)
  }

  const shown: [Between, () => string][] = [
    ['method_choice', () => methodPage],
    ['code', () => codePage()],
    ['mailed_code', () => mailedCodePage()],
    ['approval', () => approvalPage],
    ['passkey', () => passkeyPage],
    ['change_password', () => changePasswordPage],
  ]
  for (const [which, html] of shown)
    app.get(betweenPaths[which], (request, reply) => {
      const [next] = shop.visits.of(request, reply).pending
      if (which === 'mailed_code') mail.mailCode()
      if (which === 'approval') codes.askForApproval()
      return next === which ? show(reply, html()) : reply.redirect('/ap/signin')
    })
  app.post<Posted>('/ap/mfa/new-otp', (request, reply) => {
    const isApp = request.body.otpDeviceContext?.endsWith('TOTP') === true
    return pass(request, reply, 'method_choice', isApp, mailedCodePage())
  })
  app.post<Posted>('/ap/mfa', (request, reply) => {
    shop.count('codes')
    const isRight = codes.isRight(request.body.otpCode?.trim() ?? '')
    if (isRight && request.body.rememberDevice !== undefined)
      shop.visits.trust(shop.visits.of(request, reply))
    const error = 'The One Time Password (OTP) you entered is not valid. Please check and try again.'
    return pass(request, reply, 'code', isRight, codePage(error))
  })
  app.post<Posted>('/ap/cvf/verify', (request, reply) => {
    shop.count('codes')
    const isRight = mail.isRight(request.body.code?.trim() ?? '')
    return pass(
      request,
      reply,
      'mailed_code',
      isRight,
      mailedCodePage('Invalid code. Please check your code and try again.'),
    )
  })
  app.get('/ap/cvf/approval/poll', () => ({ approved: codes.isApproved() }))
  app.get('/ap/next', (request, reply) => pass(request, reply, 'approval', codes.isApproved(), approvalPage))
  app.get<Asked>('/ap/accountfixup', (request, reply) =>
    pass(request, reply, 'add_phone', request.query.skip !== undefined, addPhonePage),
  )
  app.get('/ap/passkey/skip', (request, reply) => pass(request, reply, 'passkey', true, passkeyPage))
  for (const path of ['/ap/register', '/ap/accountfixup', '/ap/passkey/setup', '/ap/forgotpassword'])
    app.post(path, (_request, reply) => {
      shop.count('astray')
      return show(reply, '<h1>Thank you</h1>')
    })
}
