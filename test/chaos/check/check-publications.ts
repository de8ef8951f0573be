import type { History } from '../history/history.ts'
import { type Publication, publicationsOf } from './publications.ts'
import { showVersion } from './versions.ts'
import type { Violation } from './violation.ts'

/** Each version of a session is published once; no login that began before a newer one was published comes after it. */
export function checkPublications(history: History): Violation[] {
  const publications = publicationsOf(history).filter(({ isCertain }) => isCertain)
  return [
    ...publishedTwice(publications),
    ...staleByTime(history, publications),
    ...staleBySignIn(history),
    ...unknownStates(history),
  ]
}

function publishedTwice(publications: readonly Publication[]): Violation[] {
  const violations: Violation[] = []
  const versions = new Map<string, Publication>()
  const logins = new Map<string, Publication>()
  for (const each of publications) {
    const { session, operationId } = each
    const key = `${session} ${showVersion(each)}`
    if (versions.has(key)) {
      const what = `${showVersion(each)} has two states`
      violations.push({ rule: 'published_twice', where: session, what })
    }
    versions.set(key, each)
    if (operationId === undefined) continue
    const other = logins.get(operationId)
    if (other) {
      const what = `one login is both ${other.generation} and ${each.generation}`
      violations.push({ rule: 'published_twice', where: session, what })
    }
    logins.set(operationId, each)
  }
  return violations
}

/** By the brokers' own words: when a login began, and when the generation before was published. */
function staleByTime({ calls }: History, publications: readonly Publication[]): Violation[] {
  const begunAtMs = new Map<string, number>()
  for (const call of calls) {
    if (call.name !== 'begin' || typeof call.answer !== 'number' || call.answeredAtMs === undefined) continue
    if (!begunAtMs.has(call.operationId)) begunAtMs.set(call.operationId, call.answeredAtMs)
  }
  const logins = publications.filter(({ operationId }) => operationId !== undefined)
  const byGeneration = new Map(logins.map((each) => [`${each.session} ${each.generation}`, each]))
  return logins.flatMap(({ session, generation, operationId = '' }) => {
    const former = byGeneration.get(`${session} ${generation - 1}`)
    const beganAtMs = begunAtMs.get(operationId)
    if (!former || beganAtMs === undefined || beganAtMs >= former.firstAskedAtMs) return []
    const earlyMs = Math.round(former.firstAskedAtMs - beganAtMs)
    const what = `${generation} came of a login that began ${earlyMs} ms before ${generation - 1} was published`
    return [{ rule: 'stale_overwrite', where: session, what }]
  })
}

/** By the site's: a higher generation is of a later sign-in, and of one only. */
function staleBySignIn({ uses }: History): Violation[] {
  const violations: Violation[] = []
  const signIns = new Map<string, Map<number, number>>()
  for (const { session, generation, signIn } of uses) {
    const known = signIns.get(session) ?? new Map<number, number>()
    signIns.set(session, known)
    const other = known.get(generation)
    if (other !== undefined && other !== signIn) {
      const what = `${generation} is of sign-in ${other} and of ${signIn}`
      violations.push({ rule: 'published_twice', where: session, what })
    }
    known.set(generation, signIn)
  }
  for (const [session, known] of signIns) {
    let former: [generation: number, signIn: number] | undefined
    for (const [generation, signIn] of [...known].sort(([a], [b]) => a - b)) {
      if (former && signIn <= former[1]) {
        const what = `${generation} is of sign-in ${signIn}, ${former[0]} already of ${former[1]}`
        violations.push({ rule: 'stale_overwrite', where: session, what })
      }
      former = [generation, signIn]
    }
  }
  return violations
}

/** What is read was published, as it is. */
function unknownStates(history: History): Violation[] {
  const known = new Map(
    publicationsOf(history).map((each) => [
      `${each.session} ${showVersion(each)} ${each.mark}`,
      each.content,
    ]),
  )
  return history.reads.flatMap((read) => {
    const content = known.get(`${read.session} ${showVersion(read)} ${read.mark}`)
    if (content === read.content) return []
    const what =
      content === undefined
        ? `${read.broker} served ${showVersion(read)}, which nobody published`
        : `${read.broker} served ${showVersion(read)} with another state than was published`
    return [{ rule: 'unknown_state', where: read.session, what }]
  })
}
