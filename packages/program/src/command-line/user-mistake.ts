/** Something that the user can put right; the message is all they need, and the program ends with 1. */
export class UserMistake extends Error {
  override readonly name = 'UserMistake'
}
