import { findChrome } from '@session-broker/chrome'
import { createLog, type LogLevel, type ProgramLog } from '@session-broker/program/daemon'
import { chromium } from 'playwright'
import t from 'tap'

const canary = 'cAn4ry'

interface LogFields {
  session?: string
  generation?: number
  code?: string
  reason?: string
  durationMs?: number
  key?: string
  error?: unknown
}
type Log = ProgramLog<LogFields>

const allowed = {
  session: true,
  generation: true,
  code: true,
  reason: true,
  durationMs: true,
  key: true,
  error: true,
} as const

function written(act: (log: Log) => void, options: { level?: LogLevel; pretty?: boolean } = {}): string {
  let all = ''
  const write = (line: string) => {
    all += line
  }
  act(createLog<LogFields>({ allowed, level: 'info', ...options, write }))
  return all
}

t.test('a line tells level, time, message and the fields of the port', async (t) => {
  const line = written((log) => log.info({ session: 'shop', generation: 3, durationMs: 12.5 }, 'logged in'))
  t.match(JSON.parse(line), {
    level: 'info',
    time: /^\d{4}-\d\d-\d\dT[\d:.]+Z$/,
    message: 'logged in',
    session: 'shop',
    generation: 3,
    durationMs: 12.5,
  })
  t.notMatch(line, /pid|hostname/)
})

t.test('what the port does not name is not written, nor what is no text and no number', async (t) => {
  const smuggled = {
    password: canary,
    cookies: [{ value: canary }],
    session: { name: canary },
    reason: [canary],
    code: { toString: () => canary },
    headers: canary,
    audit: canary,
    err: new Error(canary),
    key: 'worker-1',
  } as unknown as LogFields
  for (const pretty of [false, true]) {
    const line = written((log) => log.warn(smuggled, 'careful'), { pretty })
    t.notMatch(line, canary)
    t.match(line, 'worker-1')
  }
})

t.test(
  'of an error its name, code, message, frames and causes are written, nothing that hangs on it',
  async (t) => {
    const cause = Object.assign(new TypeError('the deeper reason'), { code: 'EDEEP', request: canary })
    const error = Object.assign(new Error('the reason', { cause }), {
      code: 'ETOP',
      body: { password: canary },
    })
    const line = written((log) => log.error({ error }, 'it failed'))
    t.match(JSON.parse(line).error, {
      name: 'Error',
      code: 'ETOP',
      message: 'the reason',
      stack: /^ {4}at .*log\.test\.ts/,
      cause: { name: 'TypeError', code: 'EDEEP', message: 'the deeper reason' },
    })
    t.notMatch(line, canary)
    t.match(
      written((log) => log.error({ error: canary }, 'it failed')),
      'something other than an error was thrown',
    )
    t.notMatch(
      written((log) => log.error({ error: canary }, 'it failed')),
      canary,
    )
  },
)

t.test('what could not be parsed is not quoted', async (t) => {
  for (const text of [canary, `{"cookies": ${canary}}`, `\n${canary}\n`, `{"a": "${canary}`]) {
    let error: unknown
    try {
      JSON.parse(text)
    } catch (thrown) {
      error = new Error('no answer', { cause: thrown })
    }
    for (const pretty of [false, true]) {
      const line = written((log) => log.error({ error }, 'it failed'), { pretty })
      t.match(line, 'SyntaxError')
      t.notMatch(line, canary.slice(0, 3))
    }
  }
})

t.test('an error that is its own cause ends the line all the same', async (t) => {
  const error = new Error('round')
  error.cause = error
  t.equal(written((log) => log.error({ error }, 'x')).split('round').length - 1, 6)
})

t.test('what a driver tells of its doings is not written: it repeats what was typed', async (t) => {
  const { path } = await findChrome()
  const browser = await chromium.launch({
    executablePath: path,
    args: ['--disable-gpu', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
  })
  t.teardown(() => browser.close())
  const page = await browser.newPage()
  await page.setContent('<input type=password readonly>')
  const error: unknown = await page.fill('input', canary, { timeout: 3_000 }).catch((thrown) => thrown)
  t.match(error, { message: canary }, 'the error itself has it')
  for (const pretty of [false, true]) {
    const line = written((log) => log.error({ error }, 'a step failed'), { pretty })
    t.notMatch(line, canary)
    t.match(line, 'Timeout 3000ms exceeded')
  }
})

t.test('for people a line is a line, whatever it carries', async (t) => {
  const reason = 'two\nlines \u001b[31mred'
  const line = written((log) => log.warn({ session: 'shop', reason }, 'careful\r\nnow\u001b[2J'), {
    pretty: true,
  })
  t.match(
    line,
    /^\d\d:\d\d:\d\d\.\d{3} WARN {2}careful now \[2J session=shop reason="two\\nlines \\u001b\[31mred"\n$/,
  )
  const error = new Error('a\u001b[2Jb', { cause: new Error('deep') })
  const lines = written((log) => log.error({ error }, 'failed'), { pretty: true }).split('\n')
  t.match(lines[0], /ERROR failed$/)
  t.equal(lines[1], '  Error: a [2Jb')
  t.match(lines[2], /^ {4}at /)
  t.ok(lines.includes('  Error: deep'))
  t.match(
    written((log) => log.warn({ session: 'shop', error }, 'away'), { pretty: true }),
    /WARN {2}away session=shop: a \[2Jb \(deep\)\n$/,
    'what happens now and then is told in a line, without frames',
  )
})

t.test('the level says what is written', async (t) => {
  const all = (log: Log) => {
    log.info({}, 'one')
    log.warn({}, 'two')
    log.error({}, 'three')
  }
  const count = (level: LogLevel) => written(all, { level }).split('\n').length - 1
  t.strictSame(
    ['info', 'warn', 'error', 'silent'].map((level) => count(level as LogLevel)),
    [3, 2, 1, 0],
  )
})

t.test('an audit is written at every level', async (t) => {
  const audit = (log: Log) =>
    log.audit({ session: 'shop', key: 'ops', password: canary } as LogFields, 'the breaker was closed')
  for (const level of ['info', 'warn', 'error', 'silent'] as const) {
    const line = written(audit, { level })
    t.match(JSON.parse(line), {
      level: 'info',
      audit: true,
      session: 'shop',
      key: 'ops',
      message: 'the breaker was closed',
    })
    t.notMatch(line, canary)
    t.match(
      written(audit, { level, pretty: true }),
      /INFO {2}the breaker was closed audit=true session=shop key=ops\n$/,
    )
  }
  t.notMatch(
    written((log) => log.info({ session: 'shop' }, 'x')),
    'audit',
  )
})
