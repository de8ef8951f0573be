import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import { ProblemError } from '@session-broker/shared'
import type { FastifyInstance } from 'fastify'

/** A broker that answers a second late helps nobody; the next replica may. */
const longestDelayMs = 1_000
const fullestHeap = 0.9

/** Refuses new requests of this scope while the process cannot keep up. */
export async function shedLoad(scope: FastifyInstance): Promise<void> {
  await scope.register(underPressure, {
    maxEventLoopDelay: longestDelayMs,
    maxHeapUsedBytes: Math.floor(fullestHeap * getHeapStatistics().heap_size_limit),
    pressureHandler: () =>
      Promise.reject(
        new ProblemError('overloaded', 'the broker cannot keep up; ask another replica or later'),
      ),
  })
}
