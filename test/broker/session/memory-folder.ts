import { accessSync, constants } from 'node:fs'
import { tmpdir } from 'node:os'

/** Where writing to the disk costs nothing, if there is such a place: for thousands of runs over real stores. */
export const memoryFolder = isWritable('/dev/shm') ? '/dev/shm' : tmpdir()

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}
