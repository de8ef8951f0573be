import { Command, logLevelOption, runCommandLine, UserMistake } from '@session-broker/program/command-line'
import t from 'tap'

class FileError extends Error {}

/** A program with one command that does this. */
async function run(args: string[], act: (options: object) => Promise<void> | void = () => undefined) {
  const written = { stdout: '', stderr: '' }
  const stream = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) })
  const program = new Command('fleet')
  program.command('fly').addOption(logLevelOption()).action(act)
  const code = await runCommandLine(program, {
    args,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    isForUser: (error) => error instanceof FileError,
  })
  return { code, ...written }
}

t.test('a command that does its work ends with 0', async (t) => {
  t.same(await run(['fly'], (options) => void t.same(options, { logLevel: 'info' })), {
    code: 0,
    stdout: '',
    stderr: '',
  })
})

t.test('help that was asked for is no mistake', async (t) => {
  t.match(await run(['fly', '--help']), { code: 0, stdout: /--log-level <level>/, stderr: '' })
})

t.test('a command line that is not understood ends with 2 and a hint', async (t) => {
  for (const args of [['flie'], ['fly', '--hi'], ['fly', '--log-level', 'loud'], []]) {
    const { code, stdout, stderr } = await run(args)
    t.equal(code, 2)
    t.equal(stdout, '')
    t.match(stderr, args.length === 0 ? 'Usage: fleet' : '(--help tells more)')
  }
})

t.test('what the user can put right is told in its message, without a stack', async (t) => {
  for (const error of [new UserMistake('--to wants a place'), new FileError('--to wants a place')]) {
    t.same(await run(['fly'], () => Promise.reject(error)), {
      code: 1,
      stdout: '',
      stderr: '--to wants a place\n',
    })
  }
})

t.test(
  'of a mistake of our own, frames and causes are told, and nothing that steers a terminal',
  async (t) => {
    const cause = Object.assign(new TypeError('deep\nwhat a driver tells'), { code: 'EDEEP' })
    const { code, stderr } = await run(['fly'], () => {
      throw new Error('odd\u001b[2J', { cause })
    })
    t.equal(code, 1)
    t.match(stderr, /^fleet made a mistake of its own:\n {2}Error: odd \[2J\n {4}at .*run-command-line\.test/)
    t.match(stderr, /\n {2}TypeError \(EDEEP\): deep\n {4}at /)
    t.notMatch(stderr, 'a driver')
  },
)
