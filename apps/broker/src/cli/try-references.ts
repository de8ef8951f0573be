import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { ProblemError } from '@session-broker/shared'
import type { BrokerConfig } from '../config/load-config.ts'
import { proxyMistake } from '../config/proxy-url.ts'
import { urlMistake } from '../config/redis-url.ts'
import { createSecretResolver, type Env } from '../config/resolve-secret.ts'
import { readReference, type SecretReference, showReference } from '../config/secret-reference.ts'

export interface Trial {
  /** The key in the config. */
  key: string
  /** The reference, as it may be shown. */
  shown: string
  failure?: string
  note?: string
}

/** Looks up every reference of the config, one after the other, and tells whether there is something; never what. */
export async function tryReferences(config: BrokerConfig, env: Env): Promise<Trial[]> {
  const resolveSecret = createSecretResolver({ env, baseFolder: config.folder })
  const trials: Trial[] = []
  for (const [key, text] of textsOf(config)) {
    const reference = text === undefined ? undefined : readReference(text)
    if (text === undefined || !reference) continue
    const trial = { key, shown: showReference(reference) }
    try {
      const value = await resolveSecret(text)
      const failure = mistakeIn(key, value)
      const note = await noteOn(reference, config.folder)
      trials.push({
        ...trial,
        ...(failure && { failure: `${trial.shown} ${failure}` }),
        ...(note && { note }),
      })
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error
      trials.push({ ...trial, failure: error.message })
    }
  }
  return trials
}

/** What can be told of a value without using it. */
function mistakeIn(key: string, value: string): string | undefined {
  if (/^(redis$|lockRedis\[)/.test(key)) {
    const mistake = urlMistake(value)
    return mistake && `gives no Redis address: it ${mistake}`
  }
  if (key.endsWith('.proxy')) {
    const mistake = proxyMistake(value)
    return mistake && `gives no proxy: it ${mistake}`
  }
  const isWrong = key === 'secretKey' && !/^[0-9a-f]{64}$/i.test(value.trim())
  return isWrong ? 'does not give 64 hex digits' : undefined
}

function textsOf({
  secretKey,
  redis,
  lockRedis = [],
  webhook,
  sessions,
}: BrokerConfig): [string, string | undefined][] {
  return [
    ['secretKey', secretKey],
    ['redis', redis],
    ['challenges.webhook.secret', webhook?.secret],
    ...lockRedis.map((url, index): [string, string] => [`lockRedis[${index}]`, url]),
    ...Object.entries(sessions).flatMap(([name, { login, proxy }]): [string, string | undefined][] => [
      [`sessions.${name}.login.username`, login.username],
      [`sessions.${name}.login.password`, login.password],
      [`sessions.${name}.login.totp`, login.totp],
      [`sessions.${name}.proxy`, proxy],
    ]),
  ]
}

/** Said, not refused: the secrets of Docker and Kubernetes are readable by everybody in the container. */
async function noteOn(reference: SecretReference, folder: string): Promise<string | undefined> {
  if (reference.kind !== 'file') return undefined
  const { mode } = await stat(resolve(folder, reference.path))
  return (mode & 0o004) === 0 ? undefined : 'every user of this machine can read it'
}
