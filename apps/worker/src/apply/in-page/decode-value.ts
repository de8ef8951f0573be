/**
 * Runs in the page. A value as Playwright 1.65 writes what JSON cannot hold (`valueEncoded`, `keyEncoded` of a
 * storageState): strings, finite numbers and booleans as they are, everything else an object whose first key tells its
 * kind. Arrays, objects, maps and sets carry an id, to which a `ref` points back. There is no form for Blob, File
 * and CryptoKey: they were lost when the state was captured.
 */
export function decodeValue(encoded: unknown, known: Map<unknown, unknown> = new Map()): unknown {
  if (typeof encoded !== 'object' || encoded === null) return encoded
  const [kind] = Object.keys(encoded)
  const body = (encoded as Record<string, unknown>)[kind ?? '']
  const remember = <T>(value: T): T => {
    known.set((encoded as { id?: number }).id, value)
    return value
  }
  switch (kind) {
    case 'ref':
      return known.get(body)
    case 'a':
      return fillArray(remember([]), body as unknown[], known)
    case 'o':
      return fillObject(remember({}), body as Entry[], known)
    case 'm':
      return fillMap(remember(new Map()), body as Entry[], known)
    // `se` in states that an older Playwright wrote.
    case 's':
    case 'se':
      return fillSet(remember(new Set()), body as unknown[], known)
    default:
      return decodeLeaf(kind, body)
  }
}

type Entry = { k: unknown; v: unknown }

function fillArray(array: unknown[], items: unknown[], known: Map<unknown, unknown>) {
  for (const item of items) array.push(decodeValue(item, known))
  return array
}

function fillObject(object: Record<string, unknown>, entries: Entry[], known: Map<unknown, unknown>) {
  for (const { k, v } of entries) if (k !== '__proto__') object[String(k)] = decodeValue(v, known)
  return object
}

function fillMap(map: Map<unknown, unknown>, entries: Entry[], known: Map<unknown, unknown>) {
  for (const { k, v } of entries) map.set(decodeValue(k, known), decodeValue(v, known))
  return map
}

function fillSet(set: Set<unknown>, items: unknown[], known: Map<unknown, unknown>) {
  for (const item of items) set.add(decodeValue(item, known))
  return set
}

function decodeLeaf(kind: string | undefined, body: unknown): unknown {
  switch (kind) {
    case 'v':
      return decodeConstant(body)
    case 'd':
      // An invalid date is written as null, which would be 1970.
      return new Date((body as string | null) ?? Number.NaN)
    case 'bi':
      return BigInt(body as string)
    case 'r':
      return new RegExp((body as { p: string }).p, (body as { f: string }).f)
    case 'e':
      return decodeError(body as { m: string; n: string; s: string })
    case 'ta':
      return decodeTypedArray(body as { b: string; k: string })
    case 'ab':
      return decodeBytes((body as { b: string }).b)
    default:
      // A form of a later Playwright: the database is reported as one that could not be replaced.
      throw new TypeError('a value has a form that is not known')
  }
}

function decodeConstant(name: unknown): unknown {
  switch (name) {
    case 'null':
      return null
    case 'NaN':
      return Number.NaN
    case 'Infinity':
      return Number.POSITIVE_INFINITY
    case '-Infinity':
      return Number.NEGATIVE_INFINITY
    case '-0':
      return -0
    default:
      return undefined
  }
}

function decodeError({ m, n, s }: { m: string; n: string; s: string }): Error {
  const error = new Error(m)
  error.name = n
  error.stack = s
  return error
}

function decodeBytes(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)).buffer
}

function decodeTypedArray({ b, k }: { b: string; k: string }): unknown {
  const constructors: Record<string, new (bytes: ArrayBuffer) => unknown> = {
    i8: Int8Array,
    ui8: Uint8Array,
    ui8c: Uint8ClampedArray,
    i16: Int16Array,
    ui16: Uint16Array,
    i32: Int32Array,
    ui32: Uint32Array,
    f32: Float32Array,
    f64: Float64Array,
    bi64: BigInt64Array,
    bui64: BigUint64Array,
  }
  const TypedArray = constructors[k]
  if (!TypedArray) throw new TypeError('a typed array has a form that is not known')
  return new TypedArray(decodeBytes(b))
}

/** Everything that `decodeValue` reaches, for `runInPage`. */
export const decoders = [
  decodeValue,
  decodeLeaf,
  fillArray,
  fillObject,
  fillMap,
  fillSet,
  decodeConstant,
  decodeError,
  decodeBytes,
  decodeTypedArray,
]
