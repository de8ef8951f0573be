#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import { runCli } from './cli/run-cli.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

// What a command does not need is not loaded: `keys create` wants no browser driver.
const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  startBroker: async (options) =>
    (await import('./app/start-broker.ts')).startBroker({ ...options, version }),
  openApiYaml: async () => (await import('./http/open-api-yaml.ts')).openApiYaml(),
})

// A start that failed must not be held up by what it left open; a broker that runs goes on.
if (exitCode !== 0) process.exit(exitCode)
