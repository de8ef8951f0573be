import { Command, logLevelOption, Option } from '@session-broker/program/command-line'
import type { CheckConfigOptions } from './check-config.ts'
import type { CreateKeyOptions } from './create-key.ts'
import type { LoginOptions } from './login.ts'
import type { OpenApiOptions } from './open-api.ts'
import type { ServeOptions } from './serve.ts'
import type { Surroundings } from './surroundings.ts'

const configOption = () =>
  new Option('-c, --config <file>', 'the configuration').default('session-broker.yaml')
const insecureOption = () =>
  new Option('--insecure-no-auth', 'go without keys; on loopback only').default(false)

const list = (text: string) => text.split(',').map((each) => each.trim())

/** The commands and their options; what they do is in a file each. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('session-broker')
    .description('Logs in to web accounts once and hands the sessions out over HTTP.')
    .version(surroundings.version)
    .helpCommand(false)
  addServe(program, surroundings)
  addLogin(program, surroundings)
  addCheckConfig(program, surroundings)
  addKeys(program, surroundings)
  addOpenApi(program, surroundings)
  program.addHelpText(
    'after',
    '\nBegin with session-broker.example.yaml; docs/configuration.md tells every key.\n' +
      'Exit codes: 0 all well, 1 something has to be put right, 2 the command line is not understood.',
  )
  return program
}

function addServe(program: Command, surroundings: Surroundings): void {
  program
    .command('serve')
    .description('run the broker; SIGTERM or Ctrl-C ends it cleanly')
    .addOption(configOption())
    .addOption(insecureOption())
    .addOption(logLevelOption())
    .action(async (options: ServeOptions) => (await import('./serve.ts')).serve(options, surroundings))
}

function addLogin(program: Command, surroundings: Surroundings): void {
  program
    .command('login')
    .description(
      'make one login now, as the broker would, and tell what came of it; the session is published',
    )
    .argument('<name>', 'the session')
    .addOption(configOption())
    .option('--explain', 'tell what is read and done, as it happens', false)
    .option('--headed', 'show the browser; wants a display', false)
    .option(
      '--force',
      'also where a failed login holds the next one back; the budget counts all the same',
      false,
    )
    .addOption(logLevelOption('error'))
    .action(async (name: string, options: LoginOptions) =>
      (await import('./login.ts')).login(name, options, surroundings),
    )
}

function addCheckConfig(program: Command, surroundings: Surroundings): void {
  program
    .command('check-config')
    .description('tell what the configuration means, or every mistake in it with its line')
    .addOption(configOption())
    .addOption(insecureOption())
    .option('--resolve', 'also look the secrets up (runs cmd: references); never shows them', false)
    .action(async (options: CheckConfigOptions) =>
      (await import('./check-config.ts')).checkConfig(options, surroundings),
    )
}

function addKeys(program: Command, surroundings: Surroundings): void {
  program
    .command('keys')
    .description('the keys of the API')
    .helpCommand(false)
    .command('create')
    .description('make a key; shows it once, with its line for the configuration')
    .requiredOption('--name <name>', 'who will use it, e.g. worker-1')
    .requiredOption('--scopes <list>', 'read,refresh for a worker; write, operate, admin', list)
    .option('--sessions <list>', 'the sessions that it may see; left out: all', list)
    .action(async (options: CreateKeyOptions) =>
      (await import('./create-key.ts')).createKey(options, surroundings),
    )
}

function addOpenApi(program: Command, surroundings: Surroundings): void {
  program
    .command('openapi')
    .description('print the description of the HTTP API')
    .option('--file <file>', 'the file of --write and --check', 'openapi.yaml')
    .addOption(new Option('--write', 'write it to the file').default(false).conflicts('check'))
    .addOption(new Option('--check', 'tell whether the file is current').default(false))
    .action(async (options: OpenApiOptions) => (await import('./open-api.ts')).openApi(options, surroundings))
}
