import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** Where a command is: itself where it is a path, else the first of `path` (as in PATH) that has it. */
export function findCommand(command: string, path: string): string | undefined {
  const candidates = command.includes('/')
    ? [command]
    : path.split(delimiter).map((dir) => join(dir, command))
  return candidates.find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
