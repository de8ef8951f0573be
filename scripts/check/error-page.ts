import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type ErrorCode, errorCodes } from '../../packages/shared/src/problem/error-codes.ts'

const path = 'docs/errors.md'

/** docs/errors.md has one table row for each code, with its status, and no other. Other tables have no status in their second column. */
export async function checkErrorPage(root: string): Promise<string[]> {
  const text = await readFile(join(root, path), 'utf8').catch(() => '')
  const rows = new Map(
    [...text.matchAll(/^\|[^`|]*`([a-z_]+)`[^|]*\|( \d+ \|.*)$/gm)].map(([, code = '', rest = '']) => [
      code,
      rest,
    ]),
  )
  const missing = Object.keys(errorCodes).filter((code) => !rows.has(code))
  const unknown = [...rows.keys()].filter((code) => !isErrorCode(code))
  const wrong = [...rows].filter(
    ([code, rest]) => isErrorCode(code) && !rest.includes(String(errorCodes[code].status)),
  )
  return [
    ...missing.map((code) => `${path} has no row for \`${code}\``),
    ...unknown.map((code) => `${path} has a row for \`${code}\`, which is no code of packages/shared`),
    ...wrong.map(([code]) => `${path} gives \`${code}\` another status than packages/shared`),
  ]
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorCodes, code)
}
