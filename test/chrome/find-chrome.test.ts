import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { findChrome } from '@session-broker/chrome'
import t, { type Test } from 'tap'

const scratch = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
t.teardown(() => rmSync(scratch, { recursive: true, force: true }))

const tools = join(scratch, 'tools')
mkdirSync(tools)
for (const tool of ['sh', 'grep', 'awk', 'which']) {
  symlinkSync(execFileSync('which', [tool]).toString().trim(), join(tools, tool))
}

function program(path: string, script: string): string {
  const whole = join(scratch, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, `#!/bin/sh\n${script}\n`)
  chmodSync(whole, 0o755)
  return whole
}

/** A machine with no browser: nothing on its path but what the search itself runs, and an empty home. */
function withoutBrowser(t: Test): void {
  const { PATH, HOME, CHROME_PATH } = process.env
  process.env.PATH = tools
  process.env.HOME = scratch
  delete process.env.CHROME_PATH
  t.teardown(() => {
    Object.assign(process.env, { PATH, HOME, ...(CHROME_PATH === undefined ? {} : { CHROME_PATH }) })
  })
}

t.test('a configured browser is taken, and none other looked for', async (t) => {
  const configured = program('my-chrome', 'echo Chromium 200.0.1')
  t.same(await findChrome({ configured }), { path: configured, product: 'Chromium 200.0.1' })
  const missing = join(scratch, 'no-such-chrome')
  await t.rejects(findChrome({ configured: missing }), { code: 'chrome_not_found', message: missing })
})

t.test('an installed browser that runs is found', async (t) => {
  t.match(await findChrome(), { path: String, product: /\d+\.\d+/ })
})

t.test('with none installed, the newest whole download of Playwright that runs is taken', async (t) => {
  withoutBrowser(t)
  const playwrightDir = join(scratch, 'downloads')
  const build = (name: string, executable: string, script: string, complete = true) => {
    if (complete) program(`downloads/${name}/INSTALLATION_COMPLETE`, '')
    return program(`downloads/${name}/chrome-linux64/${executable}`, script)
  }
  build('chromium_headless_shell-1300', 'chrome-headless-shell', 'echo Chrome 130.0')
  build('chromium-1400', 'chrome', 'echo Chrome 140.0', false)
  build('chromium-1350', 'chrome', 'echo cannot open shared object file >&2; exit 127')
  const good = build('chromium-1200', 'chrome', 'echo Chrome 120.0')
  build('chromium-999', 'chrome', 'echo Chrome 99.0')
  t.same(await findChrome({ playwrightDir }), { path: good, product: 'Chrome 120.0' })
})

t.test('with no browser that runs, the error names what was looked at and what to do', async (t) => {
  withoutBrowser(t)
  const stub = program('chromium', 'echo install the snap first >&2; exit 10')
  process.env.CHROME_PATH = stub
  t.teardown(() => delete process.env.CHROME_PATH)
  const playwrightDir = join(scratch, 'empty')
  await t.rejects(findChrome({ playwrightDir }), {
    code: 'chrome_not_found',
    message: new RegExp(`${playwrightDir}.*install the snap first.*Install Chrome`),
  })
})
