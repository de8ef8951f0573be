export { startWorker, type WorkerOptions } from './app/start-worker.ts'
export type { Log, LogFields } from './session/ports/log.ts'
