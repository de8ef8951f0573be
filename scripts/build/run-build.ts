// What `npm run build` makes: the worker as one file.
import { fileURLToPath } from 'node:url'
import { bundleWorker } from './bundle-worker.ts'

const outfile = fileURLToPath(new URL('../../apps/worker/dist/session-worker.cjs', import.meta.url))
const { bytes } = await bundleWorker(outfile)
console.log(`${outfile}: ${Math.round(bytes / 1024)} kB`)
