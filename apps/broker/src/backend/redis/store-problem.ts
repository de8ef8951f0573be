import { ProblemError } from '@session-broker/shared'

/**
 * What ioredis threw, as the port has it. Of the error itself only a code is kept: ioredis hangs the command with its
 * arguments on it (AUTH's password, a state), and Redis repeats arguments in its messages.
 */
export function asStoreProblem(address: string, error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  return new ProblemError('store_unavailable', `Redis at ${address} ${whatIsWrong(error)}`)
}

export function clusterIsDown(address: string): ProblemError {
  return new ProblemError('store_unavailable', `Redis at ${address} ${says.CLUSTERDOWN}`)
}

const says = {
  NOAUTH: 'wants a password',
  WRONGPASS: 'does not accept the username and password',
  NOPERM: 'does not allow this user the commands that the broker needs',
  OOM: 'has no memory left',
  READONLY: 'is a replica, which takes no writes',
  LOADING: 'is still loading its data',
  MISCONF: 'cannot write to its disk',
  MASTERDOWN: 'has lost its master',
  CLUSTERDOWN: 'belongs to a cluster that is down',
  MOVED: 'is one node of a cluster: its address has to begin with redis-cluster://',
  BUSY: 'is busy with a script',
} satisfies Record<string, string>

function whatIsWrong(error: unknown): string {
  if (!(error instanceof Error)) return 'cannot be used'
  if (error.name === 'ReplyError') {
    const code = replyCode(error) ?? 'ERR'
    if (/cluster support disabled/.test(error.message)) {
      return 'is no cluster: its address has to begin with redis://, or redis-sentinel://'
    }
    return (says as Record<string, string>)[code] ?? `refuses a command (${code}${ofScript(error)})`
  }
  if (error.message === 'Command timed out') return 'does not answer in time'
  const { code } = error as NodeJS.ErrnoException
  return code ? `cannot be reached (${code})` : 'cannot be reached'
}

/** Redis begins each error with a word in capitals: `OOM command not allowed …`. */
function replyCode({ message }: Error): string | undefined {
  return /^[A-Z]+\b/.exec(message)?.[0]
}

/** Where in a script of ours it went wrong; such a message has no arguments in it. */
function ofScript({ message }: Error): string {
  const at = /\buser_script:\d+: [^,]{1,120}/.exec(message)?.[0]
  return at ? `: ${at}` : ''
}

/** Errors that waiting does not mend. */
export function isRefusal(error: unknown): boolean {
  return (
    error instanceof Error &&
    error.name === 'ReplyError' &&
    ['NOAUTH', 'WRONGPASS', 'NOPERM'].includes(replyCode(error) ?? '')
  )
}
