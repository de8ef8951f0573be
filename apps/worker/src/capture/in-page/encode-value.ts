/** What is found out while a value is encoded. */
export interface Encoding {
  ids: Map<unknown, number>
  /** JSON holds the value as it is. */
  isPlain: boolean
  /** Kinds of things that have no form outside this browser. */
  lost: Set<string>
}

/** Runs in the page. The value in the form that `decodeValue` reads: that of Playwright 1.65. */
export function encodeValue(value: unknown, encoding: Encoding): unknown {
  if (typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number' && Number.isFinite(value) && !Object.is(value, -0)) return value
  // Plain JSON has it, and yet the form of all that is not plain writes it so.
  if (value === null) return { v: 'null' }
  if (typeof value === 'object') {
    const isPlain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype
    if (!isPlain || encoding.ids.has(value)) encoding.isPlain = false
    return encodeObject(value, encoding)
  }
  encoding.isPlain = false
  if (typeof value === 'bigint') return { bi: String(value) }
  if (typeof value === 'number') return { v: Object.is(value, -0) ? '-0' : String(value) }
  return { v: 'undefined' }
}

function encodeObject(value: object, encoding: Encoding): unknown {
  if (value instanceof Error) return { e: encodeError(value) }
  // An invalid date becomes null.
  if (value instanceof Date) return { d: value.toJSON() }
  if (value instanceof RegExp) return { r: { p: value.source, f: value.flags } }
  const bytes = encodeBytes(value)
  if (bytes) return bytes
  const known = encoding.ids.get(value)
  if (known !== undefined) return { ref: known }
  const id = encoding.ids.size + 1
  encoding.ids.set(value, id)
  return { ...encodeParts(value, encoding), id }
}

function encodeParts(value: object, encoding: Encoding): object {
  const encode = (part: unknown) => encodeValue(part, encoding)
  if (value instanceof Map) return { m: Array.from(value, ([k, v]) => ({ k: encode(k), v: encode(v) })) }
  if (value instanceof Set) return { s: Array.from(value, encode) }
  if (Array.isArray(value)) return { a: Array.from(value, encode) }
  if (Object.getPrototypeOf(value) !== Object.prototype)
    encoding.lost.add(Object.prototype.toString.call(value).slice(8, -1))
  return { o: Object.entries(value).map(([k, v]) => ({ k, v: encode(v) })) }
}

function encodeError({ name, message, stack = '' }: Error): { n: string; m: string; s: string } {
  const head = `${name}: ${message}`
  return { n: name, m: message, s: stack.startsWith(head) ? stack : `${head}\n${stack}` }
}

function encodeBytes(value: object): object | undefined {
  if (value instanceof ArrayBuffer) return { ab: { b: toBase64(new Uint8Array(value)) } }
  if (!ArrayBuffer.isView(value)) return undefined
  const kinds: Record<string, string> = {
    Int8Array: 'i8',
    Uint8Array: 'ui8',
    Uint8ClampedArray: 'ui8c',
    Int16Array: 'i16',
    Uint16Array: 'ui16',
    Int32Array: 'i32',
    Uint32Array: 'ui32',
    Float32Array: 'f32',
    Float64Array: 'f64',
    BigInt64Array: 'bi64',
    BigUint64Array: 'bui64',
  }
  const k = kinds[Object.prototype.toString.call(value).slice(8, -1)]
  if (k === undefined) return undefined
  return { ta: { b: toBase64(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)), k } }
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

/** Everything that `encodeValue` reaches, for `runInPage`. */
export const encoders = [encodeValue, encodeObject, encodeParts, encodeError, encodeBytes, toBase64]
