// Loaded before a program: tells at its end which packages it has loaded.
import { registerHooks } from 'node:module'

const packages = new Set()
registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(resolved.url) ?? []
    if (name) packages.add(name)
    return resolved
  },
})
process.on('exit', () => process.stderr.write(`loaded ${[...packages].join(' ')}\n`))
