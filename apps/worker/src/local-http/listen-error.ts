/** Why nothing can be served at the address, in one sentence. */
export class ListenError extends Error {
  override readonly name = 'ListenError'
}
