import { type Command, CommanderError } from 'commander'
import { describeError } from './describe-error.ts'
import { createProgram } from './program.ts'
import type { Surroundings } from './surroundings.ts'
import { UserMistake } from './user-mistake.ts'

/**
 * Runs one command.
 * @param args without the program itself.
 * @returns the exit code: 0 all well, 1 something has to be put right, 2 the command line is not understood.
 */
export async function runCli(args: readonly string[], surroundings: Surroundings): Promise<0 | 1 | 2> {
  const { stderr } = surroundings
  const program = speakThrough(createProgram(surroundings), surroundings)
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (error instanceof UserMistake) stderr.write(`${error.message}\n`)
    else stderr.write(`session-worker made a mistake of its own: ${showBug(error)}\n`)
    return 1
  }
}

/** Frames only: a message of another's error may say anything. */
function showBug(error: unknown): string {
  const frames = (error instanceof Error ? (error.stack ?? '') : '')
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line))
  const { name, message } = describeError(error)
  return [`${name}: ${message}`, ...frames].join('\n')
}

/** Commander ends the process and writes by itself unless each command is told otherwise. */
function speakThrough(
  command: Command,
  { stdout, stderr }: Pick<Surroundings, 'stdout' | 'stderr'>,
): Command {
  command
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
  for (const each of command.commands) speakThrough(each, { stdout, stderr })
  return command
}
