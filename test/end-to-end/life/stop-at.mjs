// Loaded into a worker before it starts: once the file STOP_WHEN is there, the worker stops itself (SIGSTOP) at the CDP command STOP_AT of the
// default context, as it is sent (STOP_HOW=before), or when it has gone out (after).
import { existsSync } from 'node:fs'

const { STOP_WHEN: when = '', STOP_AT: method, STOP_HOW: how } = process.env
const { stringify } = JSON
const stop = () => process.kill(process.pid, 'SIGSTOP')
let isDone = false

JSON.stringify = (value, ...rest) => {
  const isIt = value?.method === method && value.params?.browserContextId === undefined
  if (isIt && !isDone && existsSync(when)) {
    isDone = true
    if (how === 'before') stop()
    else setTimeout(stop, 20)
  }
  return stringify(value, ...rest)
}
