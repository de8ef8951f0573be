import { browser } from './set-up/browser.mjs'
import { packages } from './set-up/packages.mjs'
import { redis } from './set-up/redis.mjs'
import { root } from './set-up/root.mjs'
import { tools } from './set-up/tools.mjs'

const base = [tools, packages]
const whereTheUserStands = process.env.INIT_CWD ?? process.cwd()

/**
 * Every npm script: what it needs, and the program with its arguments and working directory. A relative path in the
 * arguments of a program that people use is meant from where they stand.
 */
export const targets = {
  setup: { needs: () => [...base, browser] },
  demo: {
    needs: (args) => [...base, browser, ...(args.includes('--redis') ? [redis] : [])],
    program: (args) => ({ args: ['demo/run-demo.ts', ...args], cwd: whereTheUserStands }),
  },
  dev: {
    needs: () => [...base, browser],
    program: (args) => ({ args: ['demo/run-dev.ts', ...args], cwd: whereTheUserStands }),
  },
  broker: {
    needs: () => base,
    program: (args) => ({ args: ['apps/broker/src/main.ts', ...args], cwd: whereTheUserStands }),
  },
  worker: {
    needs: () => base,
    program: (args) => ({ args: ['apps/worker/src/main.ts', ...args], cwd: whereTheUserStands }),
  },
  test: {
    needs: () => [...base, browser, redis],
    program: (args) => ({ args: ['node_modules/tap/dist/esm/run.mjs', 'run', ...args], cwd: root }),
  },
  check: {
    needs: () => base,
    program: (args) => ({ args: ['scripts/check/check.ts', ...args], cwd: root }),
  },
  build: {
    needs: () => base,
    program: (args) => ({ args: ['scripts/build/run-build.ts', ...args], cwd: root }),
  },
  chaos: {
    needs: (args) => [...base, redis, ...(args.includes('--chromium') ? [browser] : [])],
    program: (args) => ({ args: ['test/chaos/chaos-program.ts', ...args], cwd: root }),
  },
  fleet: {
    needs: () => [...base, redis, browser],
    program: (args) => ({ args: ['test/fleet/fleet-program.ts', ...args], cwd: root }),
  },
  bench: {
    needs: () => [...base, browser, redis],
    program: (args) => ({ args: ['bench/run-bench.ts', ...args], cwd: root }),
  },
}
