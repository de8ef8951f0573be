// What `npm run build` makes: the worker as one file, and the client’s packages.
import { fileURLToPath } from 'node:url'
import { bundleWorker } from './bundle-worker.ts'
import { packClient } from './pack-client.ts'

const outfile = fileURLToPath(new URL('../../apps/worker/dist/session-worker.cjs', import.meta.url))
const { bytes } = await bundleWorker(outfile)
console.log(`${outfile}: ${Math.round(bytes / 1024)} kB`)
for (const tarball of await packClient(fileURLToPath(new URL('../../dist', import.meta.url))))
  console.log(tarball)
