import { UserMistake } from '@session-broker/program/command-line'
import { ask, jsonOf } from '../app/doctor/ask.ts'
import { explainFailure } from '../app/doctor/explain-failure.ts'
import type { describeStandings } from '../local-http/describe-standings.ts'

type Told = ReturnType<typeof describeStandings>

/** What a worker on this machine tells at `/status`, for people or as it is. @throws UserMistake */
export async function statusOfWorker(
  address: string,
  { wanted, isJson }: { wanted: readonly string[]; isJson: boolean },
): Promise<string> {
  const told = await askWorker(address)
  const sessions = told.sessions.filter(({ session }) => wanted.length === 0 || wanted.includes(session))
  if (isJson) return `${JSON.stringify({ ...told, sessions }, undefined, 2)}\n`
  return sessions.map((standing) => `${describe(standing)}\n`).join('')
}

async function askWorker(address: string): Promise<Told> {
  const url = URL.parse('/status', URL.parse(address) ?? undefined)
  if (!url || !/^https?:$/.test(url.protocol))
    throw new UserMistake('--worker wants the address of its --listen, like http://127.0.0.1:9464')
  const answer = await ask(url).catch((cause: unknown) => {
    throw new UserMistake(`No worker answers at ${url.origin}: ${explainFailure(cause)}`, { cause })
  })
  const told = jsonOf(answer.text) as Partial<Told> | null | undefined
  if (answer.status === 200 && Array.isArray(told?.sessions)) return told as Told
  throw new UserMistake(
    `What answers at ${url.origin} (status ${answer.status}) is no worker of this machine`,
  )
}

function describe({ session, worker, ...standing }: Told['sessions'][number]): string {
  const { outcome, generation, revision, seen, chrome, since, detail } = standing
  const parts = [
    outcome,
    ...(generation > 0 ? [`generation ${generation}.${revision}`] : []),
    ...(seen ? [seen] : []),
    chrome ?? 'no Chrome',
    `since ${since}`,
  ]
  return `${session} in ${worker}: ${parts.join(', ')}${detail ? ` (${detail})` : ''}`
}
