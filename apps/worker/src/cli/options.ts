import { type Command, logLevelOption, Option } from '@session-broker/program/command-line'
import type { LogLevel } from '@session-broker/program/daemon'

export const repeated = (value: string, before: string[] = []) => [...before, value]

export const brokerOption = () =>
  new Option('--broker <url>', 'the broker; repeated for its replicas')
    .argParser(repeated)
    .makeOptionMandatory()

export const insecureHttpOption = () =>
  new Option('--insecure-http', 'talk to a broker beyond this machine without TLS').default(false)

export const sessionsOption = (more = '') =>
  new Option('--session <name>', `a session; repeated for more${more}`).argParser(repeated)

export const chromesOption = () =>
  new Option(
    '--chrome <url>',
    'a Chrome that runs; repeated for more (default: http://127.0.0.1:9222)',
  ).argParser(repeated)

/** What a worker is told, however it is started. */
export interface WorkerCommandOptions {
  broker: string[]
  session: string[]
  chrome?: string[]
  launch: boolean
  userDataDir?: string
  headless: boolean
  port?: string
  pipe: boolean
  chromeFlag?: string[]
  id?: string
  lookEvery: string
  reload: boolean
  contexts: 'default' | 'all'
  writeBack?: string
  listen?: string
  insecureHttp: boolean
  logLevel: LogLevel
}

/** The options of `run` and of `exec`. */
export function addWorkerOptions(
  command: Command,
  { logLevel }: { logLevel?: LogLevel | undefined } = {},
): Command {
  return command
    .addOption(brokerOption())
    .addOption(sessionsOption().makeOptionMandatory())
    .addOption(chromesOption())
    .addOption(new Option('--launch', 'start a Chrome instead, and end it at the end').default(false))
    .option(
      '--user-data-dir <dir>',
      'with --launch: a profile that stays, never your own (default: a temporary one)',
    )
    .addOption(new Option('--headless', 'with --launch: without a window').default(false))
    .option('--port <number>', 'with --launch: the debugging port (default: a free one)')
    .addOption(
      new Option('--pipe', 'with --launch: no port at all; this worker alone can use that Chrome').default(
        false,
      ),
    )
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
    .addOption(
      new Option(
        '--contexts <which>',
        'which BrowserContexts are signed in: all are those that programs open too',
      )
        .choices(['default', 'all'])
        .default('default'),
    )
    .addOption(
      new Option(
        '--write-back [every]',
        'give back what the site changes in Chrome’s cookies; looked at about every 5s',
      ).preset('5s'),
    )
    .option(
      '--listen <host:port>',
      'tell there how it stands: /livez, /readyz, /metrics, /status, /look (default: nowhere)',
    )
    .addOption(insecureHttpOption())
    .addOption(logLevelOption(logLevel))
}
