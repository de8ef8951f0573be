export * from './start-amazon.ts'
export type { Between, Turns } from './turns.ts'
