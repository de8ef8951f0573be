import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startBroker } from '@session-broker/stage/broker'
import { startGallery } from '@session-broker/stage/gallery'
import t from 'tap'
import { parse } from 'yaml'

// The examples of docs/recipes.md, as a reader would copy them, at the site that they are about.
t.setTimeout(300_000)
const read = (path: string) => readFile(new URL(`../../${path}`, import.meta.url), 'utf8')
const page = await read('docs/recipes.md')
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 'gs'))].map(([, text = '']) => text)

const gallery = await startGallery({ only: ['choose-workspace'] })
t.teardown(() => gallery.close())
const door = gallery.door('choose-workspace')

async function tryRecipe(recipe: object | string, module?: string) {
  door.forget()
  const folder = await mkdtemp(join(tmpdir(), 'session-broker-recipe-page-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  if (typeof recipe === 'string' && module !== undefined) await writeFile(join(folder, recipe), module)
  const { loginUrl, username, password, url, signedIn } = door
  const check = {
    url: url + signedIn.path,
    in: 'http' as const,
    expect: { status: 200, text: signedIn.text },
  }
  const broker = await startBroker({
    folder,
    sites: { portal: { loginUrl, username, password, check, recipe } },
  })
  t.teardown(() => broker.close())
  return broker
}

t.test('the recipe in YAML', async (t) => {
  const text = blocks('yaml').find((block) => block.includes('Padaria Estrela'))
  const broker = await tryRecipe(parse(text ?? ''))
  t.match((await broker.refresh()).body, { outcome: 'renewed' })
  t.match(door.stats(), { passwords: 1, signedIn: 1, signUps: 0 })
})

t.test('the recipe in TypeScript, which is the one that is type-checked here', async (t) => {
  const [text = ''] = blocks('ts')
  t.equal(text, await read('test/end-to-end/examples/company.recipe.ts'))
  const broker = await tryRecipe('company.recipe.ts', text)
  t.match((await broker.refresh()).body, { outcome: 'renewed' })
  t.match(door.stats(), { passwords: 1, signedIn: 1, signUps: 0 })
  t.match(await broker.call('/session?logout=true', { method: 'DELETE' }), { status: 200 })
  t.match(door.stats(), { logouts: 1 })
})
