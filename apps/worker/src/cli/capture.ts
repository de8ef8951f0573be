import { UserMistake } from '@session-broker/program/command-line'
import { type ErrorCode, ProblemError } from '@session-broker/shared'
import { type CaptureReport, captureByHand } from '../app/capture-by-hand.ts'
import { asUserMistake } from './as-user-mistake.ts'
import { readBrokerUrls, readChromeUrls, readKey, readPage, readSessions } from './read-options.ts'
import type { Surroundings } from './surroundings.ts'

export interface CaptureOptions {
  broker: string[]
  session: string
  chrome: string
  page?: string
  replace: boolean
  insecureHttp: boolean
}

/** Gives the session that a person has signed in to in this Chrome to the broker. */
export async function capture(options: CaptureOptions, { env, stdout, stderr }: Surroundings): Promise<void> {
  const [session = ''] = readSessions([options.session])
  const [chrome = ''] = readChromeUrls([options.chrome])
  const order = {
    key: readKey(env),
    brokers: readBrokerUrls(options.broker, options),
    ...{ session, chrome, replace: options.replace },
    page: readPage(options.page),
  }
  const report = await captureByHand(order).catch((error) => {
    throw refusalOf(error) ?? asUserMistake(error)
  })
  if (report.outcome !== 'published') throw new UserMistake(whyNot(report, session))
  const { published, captured, sites } = report
  if (captured.lost.length > 0) stderr.write(`Left behind: ${captured.lost.join('; ')}\n`)
  stdout.write(`${session}: generation ${published.generation} is what everybody gets now\n`)
  stdout.write(`  ${describe(captured.state)} of ${sites.join(', ')}\n`)
}

/** What the broker's words leave open to somebody at a command line. */
function refusalOf(error: unknown): UserMistake | undefined {
  if (!(error instanceof ProblemError)) return undefined
  const { code, message } = error
  const hints: Partial<Record<ErrorCode, string>> = {
    precondition_failed:
      'another state came first: run it again, with --replace where yours is to take its place',
    state_not_signed_in: `${message} (--page names a page that strangers do not see)`,
  }
  const hint = hints[code]
  return hint === undefined
    ? undefined
    : new UserMistake(`The broker says ${code}: ${hint}`, { cause: error })
}

function describe({
  cookies,
  origins,
}: {
  cookies: readonly unknown[]
  origins: readonly unknown[]
}): string {
  const count = (number: number, what: string) => `${number} ${what}${number === 1 ? '' : 's'}`
  return `${count(cookies.length, 'cookie')}, the storage of ${count(origins.length, 'origin')}`
}

function whyNot(report: Exclude<CaptureReport, { outcome: 'published' }>, session: string): string {
  if (report.outcome === 'empty') {
    const sites = report.sites.join(', ')
    return `This Chrome holds nothing of ${sites}: sign in there first. Other sites that belong to the session are named in its recipe.keepSites, at the broker`
  }
  const { generation, revision, obtainedAt } = report.summary
  const since = obtainedAt === null ? '' : `, since ${obtainedAt}`
  return `${session} is signed in: generation ${generation}.${revision}${since}. --replace puts what this Chrome holds in its place`
}
