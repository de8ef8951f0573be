import type { LoginBudget } from '../../../apps/broker/src/session/login-history.ts'

const dayMs = 24 * 60 * 60 * 1000

/**
 * What no sequence of steps may break, counted from the answers alone: no more submissions in any 24 hours than the budget
 * has, no more of them failed or open, and a secret that was rejected never sent again unless it was forced, reset or changed.
 */
export function createInvariants(budget: LoginBudget) {
  const sent: { fence: number; atMs: number; isAccepted: boolean }[] = []
  let rejectedTag: string | undefined

  return {
    begun(login: { tag: string }): void {
      if (login.tag !== rejectedTag) rejectedTag = undefined
    },
    /** @param atMs when its submission was taken from the budget. @throws where this permit breaks one. */
    granted({ fence, tag, force }: { fence: number; tag: string; force: boolean }, atMs: number): void {
      if (tag === rejectedTag && !force) throw new Error(`the rejected secret ${tag} may be sent again`)
      if (sent.some((each) => each.fence === fence && each.atMs === atMs)) return
      sent.push({ fence, atMs, isAccepted: false })
      const today = sent.filter((each) => each.atMs > atMs - dayMs)
      const failed = today.filter(({ isAccepted }) => !isAccepted)
      if (today.length > budget.loginsPerDay) throw new Error(`${today.length} submissions within 24 hours`)
      if (failed.length > budget.failedPerDay)
        throw new Error(`${failed.length} failed or open submissions within 24 hours`)
    },
    settled(fence: number, isAccepted: boolean): void {
      for (const each of sent) if (each.fence === fence) each.isAccepted = isAccepted
    },
    rejected(tag: string): void {
      rejectedTag = tag
    },
    closed(): void {
      rejectedTag = undefined
    },
  }
}

export type Invariants = ReturnType<typeof createInvariants>
