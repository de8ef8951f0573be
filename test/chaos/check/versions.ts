/** A register's value: the newer one is greater. */
export interface Version {
  generation: number
  revision: number
}

export function compareVersions(a: Version, b: Version): number {
  return a.generation - b.generation || a.revision - b.revision
}

export const showVersion = ({ generation, revision }: Version): string => `${generation}.${revision}`

export function newerOf<T extends Version>(a: T | undefined, b: T): T {
  return a && compareVersions(a, b) >= 0 ? a : b
}
