import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ConfigError } from '../../../apps/broker/src/config/config-error.ts'
import { type BrokerConfig, loadConfig } from '../../../apps/broker/src/config/load-config.ts'

export interface ConfigFolder {
  folder: string
  write(name: string, text: string, mode?: number): string
  /** Writes session-broker.yaml and loads it; with keys in it, or with --insecure-no-auth. */
  load(text: string, options?: { insecureNoAuth?: boolean }): Promise<BrokerConfig>
  /** The message with which it is refused. */
  refusal(text: string, options?: { insecureNoAuth?: boolean }): Promise<string>
}

export function configFolder(folder: string): ConfigFolder {
  const write = (name: string, text: string, mode = 0o644) => {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, text, { mode })
    return file
  }
  const load: ConfigFolder['load'] = (text, { insecureNoAuth = true } = {}) => {
    write('session-broker.yaml', text)
    return loadConfig({ file: 'session-broker.yaml', cwd: folder, insecureNoAuth })
  }
  return {
    folder,
    write,
    load,
    async refusal(text, options) {
      try {
        await load(text, options)
      } catch (error) {
        if (error instanceof ConfigError) return error.message
        throw error
      }
      throw new Error('the config was not refused')
    },
  }
}

export const hash = (digit: string) => `sha256:${digit.repeat(64)}`

/** The least that a session needs. */
export const shop = 'shop: { login: { url: "https://shop.test/login", username: anna, password: env:SHOP } }'
