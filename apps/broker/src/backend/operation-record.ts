import { operationSchema } from '@session-broker/shared'
import { z } from 'zod'
import type { OperationRecord } from '../session/ports/session-store.ts'

const recordSchema = z.object({ operation: operationSchema, endsByMs: z.number() })

export function writeOperationRecord({ operation, endsByMs }: OperationRecord): string {
  return JSON.stringify({ operation, endsByMs })
}

export function readOperationRecord(text: string): OperationRecord {
  return recordSchema.parse(JSON.parse(text))
}
