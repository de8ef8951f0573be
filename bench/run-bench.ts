// Measures and prints, both sides of each row in one run. Ends with an error only when something fails: how fast it is
// depends on the machine, and is for people to judge. `--quick`: fewer, shorter rounds, to see that it works.
import { benchApplyCookies } from './apply-cookies.ts'
import type { Bench, BenchRow } from './bench-row.ts'
import { loadTool } from './load/put-load.ts'
import { benchReadCookies } from './read-cookies.ts'
import { benchReadCookiesUnchanged } from './read-cookies-unchanged.ts'
import { benchRefreshStorm } from './refresh-storm.ts'
import { benchWorkerStart } from './worker-start.ts'
import { benchZeroRecipe } from './zero-recipe.ts'

const benches: Record<string, Bench> = {
  'apply-cookies': benchApplyCookies,
  'read-cookies': benchReadCookies,
  'read-cookies-unchanged': benchReadCookiesUnchanged,
  'refresh-storm': benchRefreshStorm,
  'worker-start': benchWorkerStart,
  'zero-recipe': benchZeroRecipe,
}

const options = process.argv.slice(2)
const length = options.includes('--quick') ? { rounds: 1, seconds: 1 } : { rounds: 15, seconds: 1 }
const wanted = options.filter((option) => !option.startsWith('--'))
const unknown = wanted.filter((name) => !Object.hasOwn(benches, name))
if (unknown.length > 0) {
  console.error(`No such bench: ${unknown.join(', ')}. There are: ${Object.keys(benches).join(', ')}`)
  process.exit(2)
}

console.log(
  `${length.rounds} rounds of ${length.seconds} s for each side in turn, medians, load by ${loadTool}\n`,
)
for (const [name, bench] of Object.entries(benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  for (const row of [await bench(length)].flat()) print(row)
}

function print({ what, against, goal, better, ratio, unit = '×', details }: BenchRow): void {
  const isReached = better === 'more' ? ratio >= goal : ratio <= goal
  const mark = isReached ? 'reached' : 'missed'
  console.log(`${what}\n  against ${against}`)
  console.log(
    `  ${ratio.toFixed(2)} ${unit} (goal ${better === 'more' ? '≥' : '≤'} ${goal.toFixed(2)} ${unit}: ${mark})  ${details}\n`,
  )
}
