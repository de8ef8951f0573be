import { Command, logLevelOption, Option } from '@session-broker/program/command-line'
import type { CaptureOptions } from './capture.ts'
import type { RunOptions } from './run.ts'
import type { StatusOptions } from './status.ts'
import type { Surroundings } from './surroundings.ts'

const repeated = (value: string, before: string[] = []) => [...before, value]

const brokerOption = () =>
  new Option('--broker <url>', 'the broker; repeated for its replicas')
    .argParser(repeated)
    .makeOptionMandatory()
const insecureHttpOption = () =>
  new Option('--insecure-http', 'talk to a broker beyond this machine without TLS').default(false)

/** The commands and their options; what they do is in a file each. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('session-worker')
    .description('Keeps the Chrome on this server signed in to the sessions of a session-broker.')
    .version(surroundings.version)
    .helpCommand(false)
  addRun(program, surroundings)
  addStatus(program, surroundings)
  addCapture(program, surroundings)
  program.addHelpText(
    'after',
    '\nThe key stands in the environment as SESSION_BROKER_KEY; it needs the scopes read and refresh, for capture read and write.\n' +
      'Exit codes: 0 all well, 1 something has to be put right, 2 the command line is not understood.\n' +
      '\nExample:\n  SESSION_BROKER_KEY=sb_… session-worker run --broker https://broker.example:8787 --session amazon',
  )
  return program
}

function addRun(program: Command, surroundings: Surroundings): void {
  program
    .command('run')
    .description('put the sessions into Chrome and keep them current; SIGTERM or Ctrl-C ends it')
    .addOption(brokerOption())
    .addOption(
      new Option('--session <name>', 'a session; repeated for more')
        .argParser(repeated)
        .makeOptionMandatory(),
    )
    .addOption(
      new Option(
        '--chrome <url>',
        'a Chrome that runs; repeated for more (default: http://127.0.0.1:9222)',
      ).argParser(repeated),
    )
    .addOption(new Option('--launch', 'start a Chrome instead, and end it at the end').default(false))
    .option(
      '--user-data-dir <dir>',
      'with --launch: a profile that stays, never your own (default: a temporary one)',
    )
    .addOption(new Option('--headless', 'with --launch: without a window').default(false))
    .option('--port <number>', 'with --launch: the debugging port (default: a free one)')
    .addOption(
      new Option('--chrome-flag <flag>', 'with --launch: a further flag for Chrome; repeated').argParser(
        repeated,
      ),
    )
    .option('--id <name>', 'the name of this worker in reports (default: host name and Chrome’s port)')
    .option('--look-every <duration>', 'about how often to look whether Chrome is signed in', '60s')
    .addOption(
      new Option('--reload', 'reload open pages of a session’s sites when it was put in').default(false),
    )
    .option(
      '--listen <host:port>',
      'tell there how it stands: /livez, /readyz, /metrics, /status, /look (default: nowhere)',
    )
    .addOption(insecureHttpOption())
    .addOption(logLevelOption())
    .action(async (options: RunOptions) => (await import('./run.ts')).run(options, surroundings))
}

function addStatus(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('tell what the broker knows of the sessions and their workers')
    .addOption(brokerOption())
    .addOption(
      new Option('--session <name>', 'a session; repeated for more (default: all)').argParser(repeated),
    )
    .addOption(insecureHttpOption())
    .action(async (options: StatusOptions) => (await import('./status.ts')).status(options, surroundings))
}

function addCapture(program: Command, surroundings: Surroundings): void {
  program
    .command('capture')
    .description('give the session that a person has signed in to in a Chrome to the broker, for everybody')
    .addOption(brokerOption())
    .addOption(new Option('--session <name>', 'the session').makeOptionMandatory())
    .option('--chrome <url>', 'the Chrome in which somebody has signed in', 'http://127.0.0.1:9222')
    .option('--page <url>', 'a page that strangers do not see (default: an open tab of the session’s site)')
    .addOption(new Option('--replace', 'take the place of a session that is signed in').default(false))
    .addOption(insecureHttpOption())
    .action(async (options: CaptureOptions) => (await import('./capture.ts')).capture(options, surroundings))
}
