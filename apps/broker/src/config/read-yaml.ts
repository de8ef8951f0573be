import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  visit,
} from 'yaml'
import type { Mistake } from './config-error.ts'
import type { KeyPath } from './key-path.ts'
import { explainYamlError, leavesDataWhole } from './yaml-mistakes.ts'

export interface Place {
  line: number
  column: number
}

/** A YAML file as data, with the way back from each key to its place in the text. */
export interface YamlText {
  file: string
  /** `undefined` where the text is no YAML: `mistakes` says why. */
  data: unknown
  mistakes: Mistake[]
  /** Where a key stands, or its value; for what is not there, the nearest that is. */
  locate(path: KeyPath, part: 'key' | 'value'): Place
}

/** @param file the name by which the mistakes refer to it. */
export function readYaml(text: string, file: string): YamlText {
  const lines = new LineCounter()
  // Pretty errors would quote the line, and with it a password that stands there.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const errors = [...document.errors, ...document.warnings]
  const mistakes = errors.map((error): Mistake => {
    return { file, ...placeOf(error.pos[0]), key: '', message: explainYamlError(error.code) }
  })
  const data = errors.every(({ code }) => leavesDataWhole(code)) ? toData(document) : undefined
  if (data === undefined && mistakes.length === 0) {
    const place = placeOf(badAliasOffset(document))
    mistakes.push({ file, ...place, key: '', message: explainYamlError('BAD_ALIAS') })
  }
  return { file, data, mistakes, locate: (path, part) => placeOf(offsetOf(document, path, part)) }
}

/** An alias without its anchor, or far too many of them, shows only here; the library's message repeats it. */
function toData(document: Document): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 })
  } catch {
    return undefined
  }
}

function badAliasOffset(document: Document): number {
  let offset = 0
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document)) return undefined
      offset = alias.range?.[0] ?? 0
      return visit.BREAK
    },
  })
  return offset
}

function offsetOf(document: Document, path: KeyPath, part: 'key' | 'value'): number {
  let node: unknown = document.contents
  let offset = startOf(node) ?? 0
  for (const [index, segment] of path.entries()) {
    const child = childOf(isAlias(node) ? node.resolve(document) : node, segment)
    if (child === undefined) return offset
    const isLast = index === path.length - 1
    const keyStart = startOf(child.key)
    const valueStart = isEmpty(child.value) ? undefined : startOf(child.value)
    const wantsKey = (isLast && part === 'key') || !isScalar(child.value)
    offset = (wantsKey ? (keyStart ?? valueStart) : (valueStart ?? keyStart)) ?? offset
    node = child.value
  }
  return offset
}

function childOf(node: unknown, segment: string | number): Pick<Pair, 'key' | 'value'> | undefined {
  if (isSeq(node)) return { key: undefined, value: node.items[Number(segment)] }
  if (!isMap(node)) return undefined
  return node.items.find(({ key }) => String(isScalar(key) ? key.value : key) === String(segment))
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined
}

/** `key:` with nothing behind it: the parser puts the nothing at the end of the line. */
function isEmpty(value: unknown): boolean {
  return value === null || (isScalar(value) && value.value === null)
}
