import { type Command, CommanderError } from 'commander'
import { describeError } from '../describe-error.ts'
import { formatError } from '../format-error.ts'
import { UserMistake } from './user-mistake.ts'

/** A stream as the commands use it. */
export interface Output {
  write(text: string): unknown
  isTTY?: boolean
}

interface CommandLine {
  /** Without the program itself. */
  args: readonly string[]
  stdout: Output
  stderr: Output
  /** Whether the message of an error, beside a `UserMistake`, is all that the user needs. */
  isForUser?: (error: unknown) => error is Error
}

/**
 * Runs one command.
 * @returns the exit code: 0 all well, 1 something has to be put right (or what the mistake says), 2 the command line is
 * not understood.
 */
export async function runCommandLine(
  program: Command,
  { args, stdout, stderr, isForUser }: CommandLine,
): Promise<number> {
  speakThrough(program, { stdout, stderr })
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    const isMistake = error instanceof UserMistake
    if (isMistake || isForUser?.(error)) stderr.write(`${error.message}\n`)
    else stderr.write(`${program.name()} made a mistake of its own:${formatError(describeError(error))}\n`)
    return isMistake ? error.exitCode : 1
  }
}

/** Commander ends the process and writes by itself unless each command is told otherwise. */
function speakThrough(command: Command, streams: Pick<CommandLine, 'stdout' | 'stderr'>): void {
  const { stdout, stderr } = streams
  command
    .exitOverride()
    .showHelpAfterError('(--help tells more)')
    .configureOutput({ writeOut: (text) => stdout.write(text), writeErr: (text) => stderr.write(text) })
  for (const each of command.commands) speakThrough(each, streams)
}
