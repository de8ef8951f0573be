const zeros = {
  /** Pages with a sign-in form, or the first step of one, that were served. */
  formsShown: 0,
  /** Names sent by themselves, in a first step. */
  identifiers: 0,
  /** Passwords sent, right or wrong. */
  passwords: 0,
  /** Passwords that were right; a code may still be wanted. */
  accepted: 0,
  /** Passwords, names and traps that were not let through. */
  refused: 0,
  codes: 0,
  codesRefused: 0,
  /** Codes mailed, or phones rung. */
  codesSent: 0,
  /** Sessions begun. */
  signedIn: 0,
  captchasShown: 0,
  /** Fields filled in that nobody sees. */
  honeypots: 0,
  // What nobody who signs in should set off.
  signUps: 0,
  newsletters: 0,
  searches: 0,
  resets: 0,
  otherAccounts: 0,
  passwordChanges: 0,
  logouts: 0,
}

/** What a door has counted since it opened, or since `forget()`. */
export type DoorStats = { [counter in keyof typeof zeros]: number }

export interface DoorCounters {
  count(what: keyof DoorStats): void
  read(): DoorStats
  forget(): void
}

export function createDoorCounters(): DoorCounters {
  const counts: DoorStats = { ...zeros }
  return {
    count(what) {
      counts[what] += 1
    },
    read: () => ({ ...counts }),
    forget: () => void Object.assign(counts, zeros),
  }
}
