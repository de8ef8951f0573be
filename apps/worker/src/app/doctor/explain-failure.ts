const ownAuthority =
  'its certificate is of an authority that Node does not know: start the worker with NODE_EXTRA_CA_CERTS=ca.pem'

const failures: Record<string, string> = {
  ECONNREFUSED: 'nothing listens there: start it, or correct the address',
  ECONNRESET:
    'the connection was cut: an address that begins with http:// where https is spoken, or a firewall',
  ENOTFOUND: 'there is no such host: correct the address',
  EAI_AGAIN: 'the name could not be resolved: look at this machine’s DNS',
  EHOSTUNREACH: 'no way leads to that host',
  ENETUNREACH: 'no way leads to that network',
  ETIMEDOUT: 'it did not answer in time: a firewall, or a wrong address',
  TimeoutError: 'it did not answer in time: a firewall, or a wrong address',
  SELF_SIGNED_CERT_IN_CHAIN: ownAuthority,
  DEPTH_ZERO_SELF_SIGNED_CERT: ownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: ownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ownAuthority,
  CERT_HAS_EXPIRED: 'its certificate has expired: renew it (or set this machine’s clock)',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet: set this machine’s clock',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name: use that name in --broker',
  EPROTO: 'it speaks no TLS there: an address that begins with https:// where http is spoken',
  ERR_SSL_WRONG_VERSION_NUMBER:
    'it speaks no TLS there: an address that begins with https:// where http is spoken',
  ERR_SSL_PACKET_LENGTH_TOO_LONG:
    'it speaks no TLS there: an address that begins with https:// where http is spoken',
}

/** Why a request got no answer, and what to do. */
export function explainFailure(error: unknown): string {
  const code = codeOf(error)
  if (code?.startsWith('HPE_')) return 'something answers there, and not in HTTP: correct the address'
  return (code && failures[code]) ?? code ?? 'the connection failed'
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (error.name === 'TimeoutError') return error.name
  if (error.name === 'AbortError' && error.cause) return codeOf(error.cause)
  return 'code' in error && typeof error.code === 'string' ? error.code : codeOf(error.cause)
}
