export { startWorker, type WorkerOptions } from './app.ts'
export type { Log, LogFields } from './session/ports/log.ts'
