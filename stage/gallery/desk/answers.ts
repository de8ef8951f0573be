import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readCookies, setCookie } from '../../site/cookies.ts'
import type { Desk } from './desk.ts'
import type { DoorStats } from './door-stats.ts'

/** A posted form or JSON body. */
export interface Posted {
  Body: Record<string, string>
}

export interface Asked {
  Querystring: Record<string, string>
}

export function show(reply: FastifyReply, html: string, status = 200) {
  return reply.code(status).type('text/html; charset=utf-8').send(html)
}

export function escapeHtml(text: string | undefined): string {
  return (text ?? '').replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}

export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  return readCookies(request.headers.cookie).get(name)
}

export function giveCookie(reply: FastifyReply, name: string, value: string) {
  return reply.header('set-cookie', setCookie(name, value, { httpOnly: true, sameSite: 'Lax' }))
}

/** Begins a session in a cookie. */
export function letIn(reply: FastifyReply, desk: Desk, cookie: string) {
  return giveCookie(reply, cookie, desk.begin())
}

/** A page for who is signed in; anybody else is sent to `login`. */
export function membersPage(
  app: FastifyInstance,
  desk: Desk,
  page: { path: string; login: string; html: string },
) {
  app.get(page.path, (request, reply) =>
    desk.isIn(request) ? show(reply, page.html) : reply.redirect(page.login),
  )
}

/** Ends the session, by a link or a form. */
export function logout(app: FastifyInstance, desk: Desk, path: string, to: string) {
  app.route({
    method: ['GET', 'POST'],
    url: path,
    handler: (request, reply) => {
      desk.signOut(request)
      return reply.redirect(to, 303)
    },
  })
}

/** What stands beside a sign-in and is not it: counts each post, and each visit that asks for something. */
export function elsewhereOnThePage(
  app: FastifyInstance,
  desk: Desk,
  pages: Record<string, { counts: keyof DoorStats; html: string }>,
) {
  for (const [url, { counts, html }] of Object.entries(pages))
    app.route<Asked>({
      method: ['GET', 'POST'],
      url,
      handler: (request, reply) => {
        if (request.method === 'POST' || Object.keys(request.query).length > 0) desk.count(counts)
        return show(reply, html)
      },
    })
}
