import { Command, Option } from '@session-broker/program/command-line'
import type { CaptureOptions } from './capture.ts'
import type { DoctorOptions } from './doctor.ts'
import type { ExecOptions } from './exec.ts'
import { captureHelp, doctorHelp, execHelp, programHelp, runHelp, statusHelp } from './help.ts'
import {
  addWorkerOptions,
  brokerOption,
  chromesOption,
  insecureHttpOption,
  repeated,
  sessionsOption,
} from './options.ts'
import type { StatusOptions } from './status.ts'
import type { Surroundings } from './surroundings.ts'

/** The commands; what they do is in a file each. */
export function createProgram(surroundings: Surroundings): Command {
  const program = new Command('session-worker')
    .description('Keeps the Chrome on this server signed in to the sessions of a session-broker.')
    .version(surroundings.version)
    .helpCommand(false)
    .enablePositionalOptions()
  addRun(program, surroundings)
  addExec(program, surroundings)
  addStatus(program, surroundings)
  addCapture(program, surroundings)
  addDoctor(program, surroundings)
  program.addHelpText('after', programHelp)
  return program
}

function addRun(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('run')
    .description('put the sessions into Chrome and keep them current; SIGTERM or Ctrl-C ends it')
  addWorkerOptions(command)
    .addHelpText('after', runHelp)
    .action(async (options) => (await import('./run.ts')).run(options, surroundings))
}

function addExec(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('exec')
    .usage('[options] -- <command> [arguments…]')
    .description('run a job once every session is signed in in Chrome, and keep it so while the job runs')
    .argument('<command...>', 'the job, started without a shell')
    .passThroughOptions()
    .option('--wait <duration>', 'how long the sessions may take to be in', '2m')
    .addOption(
      new Option('--env <name>', 'a variable that the job gets from this environment; repeated').argParser(
        repeated,
      ),
    )
  addWorkerOptions(command, { logLevel: 'warn' })
    .addHelpText('after', execHelp)
    .action(async (job: string[], options: ExecOptions) =>
      (await import('./exec.ts')).exec(job, options, surroundings),
    )
}

function addStatus(program: Command, surroundings: Surroundings): void {
  program
    .command('status')
    .description('tell what the broker, or a worker on this machine, knows of the sessions')
    .addOption(brokerOption().makeOptionMandatory(false))
    .option(
      '--worker <url>',
      'ask a worker that was started with --listen instead, like http://127.0.0.1:9464',
    )
    .addOption(sessionsOption(' (default: all)'))
    .addOption(insecureHttpOption())
    .addOption(new Option('--json', 'for machines').default(false))
    .addHelpText('after', statusHelp)
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
    .addHelpText('after', captureHelp)
    .action(async (options: CaptureOptions) => (await import('./capture.ts')).capture(options, surroundings))
}

function addDoctor(program: Command, surroundings: Surroundings): void {
  program
    .command('doctor')
    .description('tell what is wrong with the key, the broker, the sessions and Chrome, and what to do')
    .addOption(brokerOption())
    .addOption(sessionsOption(' (default: all that the key may see)'))
    .addOption(chromesOption())
    .addOption(insecureHttpOption())
    .addOption(new Option('--json', 'for machines').default(false))
    .addHelpText('after', doctorHelp)
    .action(async (options: DoctorOptions) => (await import('./doctor.ts')).doctor(options, surroundings))
}
