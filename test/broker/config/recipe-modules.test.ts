import { mkdtempSync, symlinkSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { configFolder } from './write-config.ts'

// Outside of the project: nothing beside the user's configuration has any packages.
const folder = mkdtempSync(join(tmpdir(), 'session-broker-recipes-'))
t.teardown(() => rm(folder, { recursive: true, force: true }))
const config = configFolder(folder)

const withRecipe = (recipe: string) =>
  `sessions: { shop: { recipe: ${recipe}, login: { url: "https://shop.test/login", username: anna, password: env:SHOP } } }`

t.test('a module says all that YAML can say, and has functions', async (t) => {
  config.write(
    'shop.recipe.ts',
    `import { defineRecipe, type Page } from '@session-broker/recipe'
import { banner } from './parts.ts'

export default defineRecipe({
  fields: { username: '#u' },
  before: [{ click: banner, optional: true }],
  async after(page: Page) {
    await page.locator('text=Not now').click()
  },
  logout: { steps: [{ click: '#out' }] },
  answer: (_page, reading) => (reading.kind === 'captcha' ? 'captcha' : undefined),
})
`,
  )
  config.write('parts.ts', "export const banner: string = '#ok'\n")
  const { sessions, recipeHooks } = await config.load(withRecipe('./shop.recipe.ts'))
  t.strictSame(sessions.shop?.recipe, {
    fields: { username: '#u' },
    before: [{ click: '#ok', optional: true }],
    after: [],
    logout: { steps: [{ click: '#out', optional: false }] },
    sessionStorage: false,
    keepSites: [],
  })
  t.match(recipeHooks, { shop: { after: Function, answer: Function } })
  t.strictSame(Object.keys(recipeHooks.shop ?? {}), ['after', 'answer'])
})

t.test('plain JavaScript needs nothing to import', async (t) => {
  config.write('plain.mjs', "export default { fields: { password: '#pin' }, before() {} }\n")
  const { sessions, recipeHooks } = await config.load(withRecipe('plain.mjs'))
  t.match(sessions.shop?.recipe, { fields: { password: '#pin' }, before: [] })
  t.match(recipeHooks.shop?.before, Function)
})

t.test('it is a module, whatever a package.json beside it says', async (t) => {
  config.write('old/package.json', '{ "type": "commonjs" }')
  config.write(
    'old/recipe.ts',
    "import { pin } from './parts.js'\nexport default { fields: { password: pin as string } }\n",
  )
  config.write('old/parts.js', "export const pin = '#pin'\n")
  const { sessions } = await config.load(withRecipe('old/recipe.ts'))
  t.match(sessions.shop?.recipe, { fields: { password: '#pin' } })
})

t.test('a recipe of the broker goes by its name', async (t) => {
  const { recipeHooks } = await config.load(withRecipe('amazon'))
  t.match(recipeHooks.shop, { answer: Function })
  t.equal(
    await config.refusal(withRecipe('amazn')),
    `session-broker.yaml has one mistake:
  session-broker.yaml:1:29  sessions.shop.recipe: no recipe of this name comes with the broker (a file is ./NAME.yaml); did you mean "amazon"?`,
  )
  t.match(await config.refusal(withRecipe('ebay')), /comes with the broker .*; known: amazon$/)
})

const mistakes: Record<string, [file: string, text: string, message: RegExp]> = {
  'a key that is not known': [
    'a.ts',
    "export default {\n  fields: {\n    usrname: '#u',\n  },\n}\n",
    /a\.ts:3:5 {2}sessions\.shop\.recipe\.fields\.usrname: is not known; did you mean "username"\?/,
  ],
  'a function of the wrong type': [
    'b.ts',
    "export default { before: [],\n  answer: 'captcha' }\n",
    /b\.ts:2:3 {2}answer: wants a function/,
  ],
  'a function where none can be': [
    'c.ts',
    'export default {\n  fields() {},\n}\n',
    /c\.ts:2:3 {2}sessions\.shop\.recipe\.fields: wants a map/,
  ],
  'a mistake in the text': [
    'd.ts',
    'export default {\n  fields: {\n',
    /d\.ts:\d+:1 {2}cannot be loaded: SyntaxError: /,
  ],
  'TypeScript that is more than types': [
    'e.ts',
    'enum Where { Here }\nexport default { fields: { username: Where[0] } }\n',
    /e\.ts:\d+:1 {2}cannot be loaded: SyntaxError: .*enum/,
  ],
  'a module that throws': [
    'f.ts',
    "throw new TypeError('not today\\nat all')\n",
    /f\.ts:1:1 {2}cannot be loaded: TypeError: not today$/,
  ],
  'a package that is not there': [
    'g.ts',
    "import 'no-such-package'\nexport default {}\n",
    /g\.ts:1:1 {2}cannot be loaded: .*no-such-package/,
  ],
  'no default export': [
    'h.ts',
    'export const recipe = {}\n',
    /h\.ts:1:1 {2}has no recipe: wants export default/,
  ],
}
for (const [name, [file, text, message]] of Object.entries(mistakes)) {
  t.test(`${name} is one clear line`, async (t) => {
    config.write(file, text)
    const refusal = await config.refusal(withRecipe(file))
    t.match(refusal, message)
    t.equal(refusal.split('\n').length, 2, refusal)
    t.notMatch(refusal, / at |node:internal/)
  })
}

t.test('a module that is not there is told at its name', async (t) => {
  t.match(
    await config.refusal(withRecipe('nowhere.ts')),
    /session-broker\.yaml:1:29 {2}sessions\.shop\.recipe: the recipe's file .*nowhere\.ts does not exist/,
  )
})

t.test('code is taken from the folder of the configuration alone', async (t) => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'session-broker-elsewhere-'))
  t.teardown(() => rm(elsewhere, { recursive: true, force: true }))
  Reflect.deleteProperty(globalThis, 'wasRun')
  const file = configFolder(elsewhere).write('theirs.mjs', 'globalThis.wasRun = true; export default {}\n')
  symlinkSync(file, join(folder, 'link.mjs'))
  for (const path of [file, 'link.mjs'])
    t.match(
      await config.refusal(withRecipe(path)),
      /has to lie in the folder of the configuration, or below it/,
    )
  t.notOk('wasRun' in globalThis)
})
