import { readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { UserMistake } from '@session-broker/program/command-line'
import type { Surroundings } from './surroundings.ts'

export interface OpenApiOptions {
  file: string
  write: boolean
  check: boolean
}

/** Prints the description of the API; or writes it to its file, or tells whether that file is current. */
export async function openApi(options: OpenApiOptions, surroundings: Surroundings): Promise<void> {
  const { stdout, cwd, openApiYaml } = surroundings
  const file = resolve(cwd, options.file)
  const yaml = await openApiYaml()
  if (options.write) {
    await writeFile(file, yaml)
    stdout.write(`${options.file} is written\n`)
  } else if (options.check) {
    const kept = await readFile(file, 'utf8').catch(() => undefined)
    if (kept !== yaml) {
      throw new UserMistake(
        `${options.file} ${kept === undefined ? 'cannot be read' : 'is not what the code says'}: run "openapi --write"`,
      )
    }
    stdout.write(`${options.file} is current\n`)
  } else {
    stdout.write(yaml)
  }
}
