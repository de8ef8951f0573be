// Prints the browser that the broker and the worker would use, as JSON; null when there is none.
import { ChromeError, findChrome } from '../../packages/chrome/src/index.ts'

const found = await findChrome().catch((error: unknown) => {
  if (error instanceof ChromeError) return null
  throw error
})
console.log(JSON.stringify(found))
