// Loaded into a worker before it starts: once the file STOP_WHEN is there, the worker stops itself (SIGSTOP) at the CDP command STOP_AT of the
// default context, as it is sent (STOP_HOW=before), or as the cookies are read after it (after).
import { existsSync } from 'node:fs'

const { STOP_WHEN: when = '', STOP_AT: method, STOP_HOW: how } = process.env
const { stringify } = JSON
let isSent = false
let isDone = false

function stop() {
  isDone = true
  process.kill(process.pid, 'SIGSTOP')
}

JSON.stringify = (value, ...rest) => {
  const isHere = !isDone && value?.params?.browserContextId === undefined
  if (isHere && isSent && value?.method === 'Storage.getCookies') stop()
  if (isHere && value?.method === method && existsSync(when)) {
    if (how === 'before') stop()
    else isSent = true
  }
  return stringify(value, ...rest)
}
