import { readFile } from 'node:fs/promises'
import type { FastifyInstance } from 'fastify'
import { buildHttpServer } from '../build-http-server.ts'
import type { HttpDependencies } from '../http-dependencies.ts'

/** The API description of a built server, as YAML. */
export function writeOpenApi(app: FastifyInstance): string {
  return app.swagger({ yaml: true })
}

/** What stands in openapi.yaml at the root: of a server that has no sessions and answers nobody. */
export async function openApiYaml(): Promise<string> {
  const manifest: { version: string } = JSON.parse(
    await readFile(new URL('../../../package.json', import.meta.url), 'utf8'),
  )
  const app = await buildHttpServer(nobody, {
    keys: [],
    insecureNoAuth: false,
    listenHost: 'localhost',
    version: manifest.version,
  })
  try {
    return writeOpenApi(app)
  } finally {
    await app.close()
  }
}

const nothing = () => {
  throw new Error('this server only describes itself')
}

const nobody: HttpDependencies = {
  mirror: {
    names: () => [],
    onChange: () => () => undefined,
    get: nothing,
    reload: nothing,
    waitUntil: nothing,
    close: nothing,
  },
  refresher: { refresh: nothing, inFlight: () => [] },
  store: { readOperation: nothing, resetLogins: nothing, ping: nothing },
  publishCapture: nothing,
  writeBack: nothing,
  forgetSession: nothing,
  presence: { awayForMs: nothing },
  serveStaleMs: 0,
  challenges: {
    board: { readChallenge: nothing, giveAnswer: nothing },
    notes: { seal: nothing, unseal: nothing },
  },
  workers: { save: nothing, list: nothing },
  writers: { claimWriter: nothing, releaseWriter: nothing },
  clock: { now: nothing, monotonicMs: nothing, wait: nothing, random: nothing },
  log: { info: nothing, warn: nothing, error: nothing, audit: nothing },
  stopping: new AbortController().signal,
}
