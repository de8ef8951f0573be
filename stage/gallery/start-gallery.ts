import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import { escapeHtml, show } from './desk/answers.ts'
import { plans } from './registry.ts'
import { type Door, startDoor } from './start-door.ts'

export interface GalleryOptions {
  /** Names of doors; left out: all of them. */
  only?: readonly string[]
}

export interface Gallery {
  /** A page with a link to each door, for people. */
  readonly url: string
  readonly doors: readonly Door[]
  /** @throws where no such door was started. */
  door(name: string): Door
  close(): Promise<void>
}

/** Opens the gallery's login pages in this process, each a site of its own. */
export async function startGallery({ only }: GalleryOptions = {}): Promise<Gallery> {
  const unknown = only?.filter((name) => !plans.some((plan) => plan.name === name)) ?? []
  if (unknown.length > 0) throw new Error(`the gallery has no door called ${unknown.join(', ')}`)
  const doors = await Promise.all(
    plans.flatMap((plan, index) =>
      only === undefined || only.includes(plan.name) ? [startDoor(plan, index + 1)] : [],
    ),
  )
  const entrance = Fastify({ logger: false, forceCloseConnections: true })
  entrance.get('/', (_request, reply) => show(reply, listOf(doors)))
  await entrance.listen({ port: 0, host: '127.0.0.1' })
  return {
    url: `http://127.0.0.1:${(entrance.server.address() as AddressInfo).port}`,
    doors,
    door(name) {
      const found = doors.find((door) => door.name === name)
      if (found === undefined) throw new Error(`no door called ${name} is open`)
      return found
    },
    async close() {
      await Promise.all([entrance.close(), ...doors.map((door) => door.close())])
    },
  }
}

function listOf(doors: readonly Door[]): string {
  const rows = doors.map(
    ({ name, loginUrl, language, shape }) =>
      `<li><a href="${loginUrl}">${name}</a> (${language}): ${escapeHtml(shape)}</li>`,
  )
  return `<!doctype html><title>Gallery of login pages</title><ol>${rows.join('\n')}</ol>`
}
