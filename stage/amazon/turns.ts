/** A page that may stand between the password and the shop. */
export type Between =
  | 'method_choice'
  | 'code'
  | 'mailed_code'
  | 'approval'
  | 'add_phone'
  | 'passkey'
  | 'change_password'

/** Which turns the sign-in takes. */
export interface Turns {
  /** The newer first step, whose field has another id. */
  newForm: boolean
  /** A page with one button, before anything else. */
  continueShopping: boolean
  /** Accounts that this browser knows: none, the one of the tests among others, or others alone. */
  chooser: 'none' | 'own' | 'others'
  captcha: 'none' | 'before_name' | 'with_password' | 'after_wrong'
  /** What a name is answered with that nobody has. */
  unknownName: 'error' | 'new_account'
  afterPassword: readonly Between[]
}

export const plainTurns: Turns = {
  newForm: false,
  continueShopping: false,
  chooser: 'none',
  captcha: 'none',
  unknownName: 'error',
  afterPassword: ['code'],
}
