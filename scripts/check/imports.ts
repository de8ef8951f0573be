import { existsSync } from 'node:fs'
import {
  cruise,
  type ICruiseResult,
  type IDependency,
  type IModule,
  type IViolation,
} from 'dependency-cruiser'
import { importRules } from './import-rules.ts'

const folders = ['packages', 'apps', 'stage', 'demo', 'bench', 'examples', 'test', 'scripts']

/** The schema language is the project's own tongue: schemas stand where the data does. */
const sharedVendors = ['zod']

/** Every import that goes against the arrows, runs in a circle, or brings a vendor into a second folder of an app. */
export async function checkImports(baseDir: string): Promise<string[]> {
  const { output } = await cruise(
    folders.filter((folder) => existsSync(`${baseDir}/${folder}`)),
    {
      baseDir,
      validate: true,
      ruleSet: { forbidden: importRules },
      // Type-only imports are imports too.
      tsPreCompilationDeps: true,
      doNotFollow: { path: 'node_modules' },
      exclude: { path: '(^|/)(dist|\\.tap)/' },
    },
    {
      // Workspace packages by their sources, as Node is told to when the programs run.
      conditionNames: ['@session-broker/source', 'import', 'node', 'types', 'default'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.mjs', '.js', '.d.ts'],
    },
  )
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave text, not its result')
  return [...readViolations(output), ...findSpreadVendors(output.modules)]
}

function readViolations({ summary }: ICruiseResult): string[] {
  const instead = new Map(importRules.map((rule) => [rule.name, rule.comment]))
  return summary.violations.map((violation) => `${pathOf(violation)}: ${instead.get(violation.rule.name)}`)
}

function pathOf({ from, to, cycle }: IViolation): string {
  return cycle ? [from, ...cycle.map((step) => step.name)].join(' → ') : `${from} → ${to}`
}

function findSpreadVendors(modules: readonly IModule[]): string[] {
  const homes = new Map<string, Set<string>>()
  for (const { source, dependencies } of modules) {
    const [, app, folder = 'src'] = /^apps\/([^/]+)\/src\/(?:([^/]+)\/)?/.exec(source) ?? []
    if (app === undefined) continue
    for (const vendor of vendorsOf(dependencies)) {
      const key = `${vendor} in apps/${app}`
      homes.set(key, (homes.get(key) ?? new Set()).add(folder))
    }
  }
  return [...homes]
    .filter(([, folders]) => folders.size > 1)
    .map(
      ([vendor, folders]) =>
        `${vendor} is imported in ${[...folders].sort().join('/ and ')}/: one folder keeps a vendor, the others take what it makes as an argument`,
    )
}

function vendorsOf(dependencies: readonly IDependency[]): string[] {
  return dependencies
    .filter(({ resolved }) => resolved.includes('node_modules/'))
    .map(({ module }) =>
      module
        .split('/')
        .slice(0, module.startsWith('@') ? 2 : 1)
        .join('/'),
    )
    .filter((vendor) => !sharedVendors.includes(vendor))
}
