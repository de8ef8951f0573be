import { setTimeout as delay } from 'node:timers/promises'
import { lookIntoChrome } from './look-into-chrome.ts'
import type { LogLine } from './program.ts'
import { type Server, type Stage, sessionName } from './set-stage.ts'
import type { Tell } from './tell.ts'

const actMs = 60_000

/**
 * Two acts: the first login, and the next one when the site has forgotten the first. Everything that is told was looked
 * up: in the Chromes, and in the site's own counters. @throws when anything is not as it should be.
 */
export async function play(stage: Stage, tell: Tell, signal: AbortSignal): Promise<void> {
  tell.title('Act 1: nobody is signed in; two workers ask for the session')
  await watchGeneration(stage, tell, { generation: 1, signal })

  tell.title('Act 2: the site forgets every session')
  const killed = stage.site.killSessions()
  tell.step(`the site has ended ${killed} session${killed === 1 ? '' : 's'}: both Chromes are signed out`)
  await tellWhoAsked(stage, tell, signal)
  await watchGeneration(stage, tell, { generation: 2, signal })

  const { loginsStarted, maxInFlight } = stage.site.stats()
  tell.title(`The site has counted ${loginsStarted} logins in all, never more than ${maxInFlight} at a time`)
}

/** Waits until both Chromes hold the generation, then looks into them and asks the site how often it was logged in to. */
async function watchGeneration(
  stage: Stage,
  tell: Tell,
  { generation, signal }: { generation: number; signal: AbortSignal },
): Promise<void> {
  const { site, servers, brokers } = stage
  const within = AbortSignal.any([signal, AbortSignal.timeout(actMs)])
  const isApplied = (line: LogLine) => line.message === 'applied' && line.generation === generation
  const applied = await Promise.all(servers.map(({ worker }) => worker.line(isApplied, within)))
  const loggedIn = brokers.flatMap(({ program }) =>
    program.lines
      .filter((line) => line.message === 'logged in' && line.generation === generation)
      .map((line) => ({ name: program.name, line })),
  )
  const [first] = loggedIn
  if (!first || loggedIn.length > 1) throw new Error(`${loggedIn.length} brokers say that they logged in`)
  tell.step(`${first.name} logged in, once, in ${first.line.durationMs} ms: generation ${generation}`)
  const committedMs = await askWhenPublished(stage)
  for (const [index, { name }] of servers.entries()) {
    const sinceCommitMs = Date.parse(applied[index]?.time ?? '') - committedMs
    tell.step(
      `${name} has generation ${generation} in its Chrome, ${sinceCommitMs} ms after it was published`,
    )
  }
  for (const server of servers) await verifySignedIn(server, site.url, site.signedInText, tell)
  const { loginsSucceeded, maxInFlight } = site.stats()
  if (loginsSucceeded !== generation || maxInFlight !== 1) {
    throw new Error(`the site counts ${loginsSucceeded} logins, ${maxInFlight} at once`)
  }
  tell.done(`the site counts ${generation === 1 ? 'one login' : 'one more login'} for both`)
}

/** By the store's own clock, which is this machine's. */
async function askWhenPublished({ brokers, apiKey }: Stage): Promise<number> {
  const answer = await fetch(`${brokers[0]?.url}/session?session=${sessionName}`, {
    headers: { authorization: `Bearer ${apiKey}` },
  })
  const { obtainedAt } = (await answer.json()) as { obtainedAt: string }
  return Date.parse(obtainedAt)
}

async function verifySignedIn(
  { name, chrome }: Server,
  url: string,
  wanted: string,
  tell: Tell,
): Promise<void> {
  const seen = await lookIntoChrome(chrome, url)
  if (!seen.includes(wanted)) throw new Error(`the Chrome of ${name} shows “${seen}”`)
  tell.done(`the Chrome of ${name} shows “${seen}”`)
}

async function tellWhoAsked({ servers, redisUrl }: Stage, tell: Tell, signal: AbortSignal): Promise<void> {
  const within = AbortSignal.any([signal, AbortSignal.timeout(actMs)])
  const isAsking = (line: LogLine) => line.message === 'refresh asked' && line.session === sessionName
  const first = await Promise.any(
    servers.map(async (server) => ({ server, line: await server.worker.line(isAsking, within) })),
  )
  tell.step(
    `${first.server.name} has noticed: “${first.line.reason}”; it asks ${first.server.broker.program.name}`,
  )
  if (!redisUrl) return
  await delay(1_500, undefined, { signal }).catch(() => undefined)
  const others = servers.filter((each) => each !== first.server && each.worker.lines.some(isAsking))
  for (const { name, broker } of others) {
    tell.step(`${name} asks as well, ${broker.program.name}; the mutex decides which of the two logs in`)
  }
}
