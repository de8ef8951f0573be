import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { loadWhenUsed } from './load-when-used.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** What is in the file. */
export interface Bundle {
  bytes: number
  /** The packages of others, by name. */
  packages: string[]
}

/**
 * Makes one file of the worker and all that it needs: it starts in a third of the time, and a server needs Node and this file alone.
 *
 * CommonJS, since an ES module that imports node:http loads everything that this can export: Node's own undici is 13 MB.
 */
export async function bundleWorker(outfile: string): Promise<Bundle> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ['apps/worker/src/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    conditions: ['@session-broker/source'],
    metafile: true,
    logLevel: 'warning',
    // A worker that speaks plain HTTP to a Chrome that runs uses none of them, and loading them takes time at each start.
    plugins: [loadWhenUsed(['child_process', 'https', 'tls', 'zlib'])],
    define: {
      // Native helpers that are not installed: ws need not look for them.
      'process.env.WS_NO_BUFFER_UTIL': '"1"',
      'process.env.WS_NO_UTF_8_VALIDATE': '"1"',
    },
  })
  const [output] = Object.values(metafile.outputs)
  const packages = Object.keys(output?.inputs ?? {}).flatMap((path) => packageOf(path) ?? [])
  return { bytes: output?.bytes ?? 0, packages: [...new Set(packages)].sort() }
}

function packageOf(path: string): string | undefined {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
}
