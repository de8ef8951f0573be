import { spawnSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const ciRun = fileURLToPath(new URL('../../.ci/run', import.meta.url))

type Npm = { tap?: string; testStatus?: number; checks?: string; checkStatus?: number; demoStatus?: number }

/** Runs .ci/run in a place where npm does as told. */
function run(t: Test, npm: Npm) {
  const root = mkdtempSync(join(tmpdir(), 'session-broker-test-'))
  t.teardown(() => rmSync(root, { recursive: true, force: true }))
  mkdirSync(join(root, '.ci'))
  mkdirSync(join(root, 'bin'))
  copyFileSync(ciRun, join(root, '.ci/run'))
  const { tap = '# { total: 40, pass: 40 }', testStatus = 0, demoStatus = 0, checkStatus = 0 } = npm
  const { checks = 'checks: 9 passed, 0 failed' } = npm
  const stub = `#!/bin/bash
    case "$*" in
      test) echo '${tap}' > "$TAP_OUTPUT_FILE"; exit ${testStatus} ;;
      'run check -- coverage') echo 'checks: 1 passed, 0 failed' ;;
      'run check') echo '${checks}'; exit ${checkStatus} ;;
      'run demo -- --once') exit ${demoStatus} ;;
    esac`
  writeFileSync(join(root, 'bin/npm'), stub)
  chmodSync(join(root, 'bin/npm'), 0o755)
  const PATH = `${join(root, 'bin')}:${process.env.PATH}`
  const { status, stdout } = spawnSync('bash', ['.ci/run'], {
    cwd: root,
    env: { ...process.env, PATH },
    encoding: 'utf8',
  })
  const lines = stdout.trim().split('\n')
  return { status, closing: lines.at(-1), before: lines.at(-2) }
}

// The set-up, 40 tests, 9 checks, the coverage and the demo.
t.test('all well: everything is counted on the last line', async (t) => {
  t.match(run(t, {}), { status: 0, closing: '52 passed, 0 failed' })
})

t.test('what was skipped is told', async (t) => {
  const tap = '# { total: 42, pass: 40, skip: 2 }'
  t.match(run(t, { tap }), { status: 0, closing: '52 passed, 0 failed, 2 skipped' })
})

t.test('failed tests are counted', async (t) => {
  const tap = 'not ok 1 - a promise # time=3ms\n# { total: 43, pass: 40, fail: 3 }'
  t.match(run(t, { tap, testStatus: 1 }), {
    status: 1,
    before: 'not ok 1 - a promise',
    closing: '52 passed, 3 failed',
  })
})

t.test('a test run that executed nothing has failed, whatever it says', async (t) => {
  t.match(run(t, { tap: '' }), { status: 1, closing: '12 passed, 1 failed' })
  t.match(run(t, { tap: '# { total: 1, pass: 0, skip: 1 }' }).status, 1)
})

t.test('a test run that ended badly without a failed test has failed', async (t) => {
  t.match(run(t, { testStatus: 124 }), { status: 1, closing: '52 passed, 1 failed' })
})

t.test('failed checks are counted, and checks that did not come to their end', async (t) => {
  const checks = 'checks: 7 passed, 2 failed'
  t.match(run(t, { checks, checkStatus: 1 }), { status: 1, closing: '50 passed, 2 failed' })
  t.match(run(t, { checks: 'Segmentation fault', checkStatus: 139 }), {
    status: 1,
    closing: '43 passed, 1 failed',
  })
})

t.test('a demo that failed counts', async (t) => {
  t.match(run(t, { demoStatus: 1 }), { status: 1, closing: '51 passed, 1 failed' })
})
