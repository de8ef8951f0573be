import { createRequire } from 'node:module'
import type { Plugin } from 'esbuild'

const require = createRequire(import.meta.url)

/** Loads these modules of Node's when something of them is first used, not when they are imported. */
export function loadWhenUsed(names: readonly string[]): Plugin {
  const filter = new RegExp(`^(node:)?(${names.join('|')})$`)
  return {
    name: 'load-when-used',
    setup({ onResolve, onLoad }) {
      const namespace = 'load-when-used'
      onResolve({ filter }, ({ path, namespace: from }) =>
        from === namespace ? { path, external: true } : { path: path.replace(/^node:/, ''), namespace },
      )
      onLoad({ filter, namespace }, ({ path }) => ({ contents: getters(path), resolveDir: '.' }))
    },
  }
}

function getters(name: string): string {
  const load = `require(${JSON.stringify(`node:${name}`)})`
  const keys = Object.keys(require(`node:${name}`))
  return `module.exports = { ${keys.map((key) => `get ${key}() { return ${load}.${key} }`).join(',\n')} }`
}
