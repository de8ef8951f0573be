import { readdir, readFile } from 'node:fs/promises'

/** The processes of a browser whose profile is below the folder, its main process first. Reads /proc, where one that has ended has no command line. */
export async function browsersIn(folder: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      return { pid: Number(pid), words: commandLine.replaceAll('\0', ' ') }
    }),
  )
  return found
    .filter(({ words }) => words.includes(` --user-data-dir=${folder}/`))
    .sort((a, b) => Number(a.words.includes(' --type=')) - Number(b.words.includes(' --type=')))
    .map(({ pid }) => pid)
}
