/**
 * A process of its own: opens a folder for browsers and launches one there. Says `launching`, then `launched`, and stays until it
 * is killed; told to, it exits without closing anything.
 */
import { findChrome, pickBrowserEnv } from '@session-broker/chrome'
import { openBrowserFolder } from '../../../../apps/broker/src/browser/house/browser-folder.ts'
import { createBrowserHouse } from '../../../../apps/broker/src/browser/house/browser-house.ts'
import { openLocalExits, toLoopback } from '../../exit/local-exits.ts'

const [, , folder = ''] = process.argv
const { path } = await findChrome()
const house = createBrowserHouse({
  executablePath: path,
  headless: true,
  args: [],
  sandbox: process.getuid?.() !== 0,
  env: pickBrowserEnv(process.env),
  folder: await openBrowserFolder({
    folder,
    log: { warn: (fields, message) => console.error(message, fields) },
  }),
  idleMs: 60_000,
  exits: await openLocalExits(),
})
process.on('message', async (order) => {
  if (order === 'exit') process.exit(0)
  await house.close()
  process.disconnect()
})
process.send?.('launching')
await house.withContext({ signal: new AbortController().signal, exit: toLoopback }, async () => {
  process.send?.('launched')
  await new Promise(() => undefined)
})
