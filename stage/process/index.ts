export { compileCache } from './compile-cache.ts'
export { freePort } from './free-port.ts'
export { type ProcessOptions, type RunningProcess, startProcess } from './start-process.ts'
export { type WaitOptions, waitFor } from './wait-for.ts'
