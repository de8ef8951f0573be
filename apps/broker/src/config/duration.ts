import { z } from 'zod'

const unitsMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const
const pattern = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/
const wants = 'wants a duration with its unit, such as 60s or 5m'

export interface DurationBounds {
  leastMs: number
  mostMs: number
  /** `never` may stand there as well. */
  orNever?: boolean
}

/** A duration as people write it (`250ms`, `60s`, `5m`, `12h`, `1d`), read as milliseconds; `never` is Infinity. */
export function durationSchema({ leastMs, mostMs, orNever = false }: DurationBounds) {
  const either = orNever ? `${wants}, or never` : wants
  const isNever = (text: string) => orNever && text === 'never'
  const isWithin = (ms: number) => ms >= leastMs && (ms <= mostMs || ms === Number.POSITIVE_INFINITY)
  return z
    .string({ error: ({ input }) => (input === undefined || input === null ? undefined : either) })
    .refine((text) => pattern.test(text) || isNever(text), either)
    .transform((text) => (isNever(text) ? Number.POSITIVE_INFINITY : toMs(text)))
    .refine(isWithin, `wants ${showDuration(leastMs)} to ${showDuration(mostMs)}`)
}

function toMs(text: string): number {
  const [, amount = '0', unit = 'ms'] = pattern.exec(text) ?? []
  return Number(amount) * unitsMs[unit as keyof typeof unitsMs]
}

/** The shortest way to write it: 60000 is `1m`. */
function showDuration(ms: number): string {
  const [unit, size] = Object.entries(unitsMs).findLast(([, size]) => ms % size === 0 && ms >= size) ?? [
    'ms',
    1,
  ]
  return `${ms / size}${unit}`
}
