import { randomInt } from 'node:crypto'
import { generateSecret, generateSync, verifySync } from 'otplib'

/** Codes and approvals of one account: by RFC 6238, by a mail that only `nextCode` reads, by a tap on a phone. */
export interface SecondFactor {
  readonly totpSecret: string
  isRight(code: string): boolean
  /** Puts a new code into the mail. */
  mailCode(): void
  /** The code that a person would read: from the newest mail where there is one, otherwise from the app. */
  nextCode(): Promise<string>
  askForApproval(): void
  approve(): void
  isApproved(): boolean
  /** Forgets the mail and the approval; the secret of the app stays. */
  forget(): void
}

/** Seconds to either side for a code that was read at the end of its time. */
const toleranceSeconds = 30

export function createSecondFactor(kind: 'totp' | 'mail' | 'approval' | undefined): SecondFactor {
  const totpSecret = generateSecret()
  let mailed = Promise.withResolvers<string>()
  let newest: string | undefined
  let approval: 'none' | 'asked' | 'given' = 'none'

  function emptyMailbox(): void {
    newest = undefined
    mailed = Promise.withResolvers()
  }

  function isMailed(code: string): boolean {
    if (newest === undefined || code !== newest) return false
    emptyMailbox()
    return true
  }

  return {
    totpSecret,
    isRight(code) {
      if (!/^\d{6}$/.test(code)) return false
      if (kind === 'mail') return isMailed(code)
      return verifySync({ secret: totpSecret, token: code, epochTolerance: toleranceSeconds }).valid
    },
    mailCode() {
      if (newest !== undefined) mailed = Promise.withResolvers()
      newest = String(randomInt(1_000_000)).padStart(6, '0')
      mailed.resolve(newest)
    },
    nextCode: () =>
      kind === 'mail' ? mailed.promise : Promise.resolve(generateSync({ secret: totpSecret })),
    askForApproval() {
      approval = 'asked'
    },
    approve() {
      if (approval === 'asked') approval = 'given'
    },
    isApproved: () => approval === 'given',
    forget() {
      emptyMailbox()
      approval = 'none'
    },
  }
}
