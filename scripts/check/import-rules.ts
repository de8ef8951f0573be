import type { IForbiddenRuleType } from 'dependency-cruiser'

type Arrow = {
  name: string
  /** Who: a regular expression over paths from the root of the project. */
  from: string
  /** May not import what matches this … */
  to: string
  /** … except for this. */
  except?: string
  instead: string
}

const arrows: Arrow[] = [
  {
    name: 'shared-stands-alone',
    from: '^packages/(shared|chrome|program)/',
    to: '^(packages|apps|stage|demo|bench|test|scripts)/',
    except: '^packages/$1/',
    instead:
      'packages/shared, chrome and program import no other part of the project: move what you need into them',
  },
  {
    name: 'client-and-recipe-know-shared-only',
    from: '^packages/(client|recipe)/',
    to: '^(packages|apps|stage|demo|bench|test|scripts)/',
    except: '^packages/($1|shared)/',
    instead:
      'client and recipe are for programs outside, which meet the broker over HTTP: put what both sides know into packages/shared',
  },
  {
    name: 'apps-stand-alone',
    from: '^apps/([^/]+)/',
    to: '^(apps|stage|demo|bench|test|scripts)/',
    except: '^apps/$1/',
    instead: 'apps meet over HTTP and CDP only: put what both need into a package',
  },
  {
    name: 'broker-has-no-client',
    from: '^apps/broker/',
    to: '^packages/client/',
    instead: 'the broker is what the client talks to: put what both need into packages/shared',
  },
  {
    name: 'program-keeps-its-vendors',
    from: '^(?!packages/program/)',
    to: '(^|/)node_modules/(commander|pino|close-with-grace)/',
    instead: 'packages/program has the command line, the log and the end of a program: take it from there',
  },
  {
    name: 'program-is-for-the-top',
    from: '^apps/[^/]+/src/(?!main\\.ts$|cli/|app/)',
    to: '^packages/program/',
    instead: 'only main.ts, cli/ and app/ know the process around them: take a log or a clock as an argument',
  },
  {
    name: 'stage-knows-no-story',
    from: '^stage/',
    to: '^demo/',
    instead: 'demo, bench and tests start what stands on the stage: it knows none of them',
  },
  {
    name: 'stage-starts-programs',
    from: '^(demo|stage)/',
    to: '^(apps|bench|test|scripts)/',
    instead: 'stage and demo start the real programs as processes, as a user would',
  },
  {
    name: 'examples-are-programs-of-users',
    from: '^examples/',
    to: '^(packages|apps|stage|demo|bench|test|scripts)/',
    except: '^packages/client/',
    instead:
      'examples show what a program outside has: packages/client, and the libraries that people use it with',
  },
  {
    name: 'client-brings-no-browser-library',
    from: '^packages/client/',
    to: '(^|/)node_modules/(playwright|playwright-core|@playwright|puppeteer|puppeteer-core)/',
    instead:
      'whoever uses Playwright or Puppeteer brings it, in their version: name what you use of it in playwright-types.ts or puppeteer-types.ts',
  },
  {
    name: 'client-pieces-keep-their-vendors',
    from: '^packages/client/src/(?!tough-cookie/|fetch/)',
    to: '(^|/)node_modules/(tough-cookie|tldts)/|^packages/(shared/src/site|client/src/(tough-cookie|fetch))/',
    instead:
      'a jar is loaded by ./tough-cookie and ./fetch alone: whoever wants the broker’s API pays for nothing else',
  },
  {
    name: 'nobody-imports-tests',
    from: '^(?!test/)',
    to: '^test/',
    instead: 'what a program needs is no test: move it to a package, or to stage/',
  },
  {
    name: 'nobody-imports-scripts',
    from: '^(?!(scripts|test)/)',
    to: '^scripts/',
    instead: 'scripts serve those who develop the project: move it to a package',
  },
  {
    name: 'domain-imports-no-vendor',
    from: '^apps/[^/]+/src/session/',
    to: 'node_modules/',
    instead:
      'session/ is the domain: name what you need as a port in session/ and let an adapter folder do it',
  },
  {
    name: 'domain-knows-itself-only',
    from: '^apps/([^/]+)/src/session/',
    to: '^(apps|packages)/',
    except: '^(apps/$1/src/session|packages/shared)/',
    instead:
      'session/ imports packages/shared and itself: name a port in session/, and pass the adapter in from app/',
  },
  {
    name: 'adapters-do-not-meet',
    // Whatever is no layer by name is an adapter.
    from: '^apps/broker/src/(?!(?:session|app|cli)/)([^/]+)/',
    to: '^apps/broker/src/',
    except: '^apps/broker/src/($1|session)/',
    instead: 'an adapter knows session/ and itself: take the other one as an argument, put together in app/',
  },
  {
    name: 'only-main-stands-above-cli',
    from: '^apps/[^/]+/src/(?!main\\.ts$|cli/)',
    to: '^apps/[^/]+/src/(main\\.ts$|cli/)',
    instead: 'main.ts and cli/ are the top: take what you need as an argument',
  },
]

/** The import arrows of the project, for dependency-cruiser; the comment of each says what to do instead. */
export const importRules: IForbiddenRuleType[] = [
  ...arrows.map(
    ({ name, from, to, except, instead }): IForbiddenRuleType => ({
      name,
      severity: 'error',
      comment: instead,
      from: { path: from },
      to: { path: to, ...(except === undefined ? {} : { pathNot: except }) },
    }),
  ),
  {
    name: 'domain-does-no-io',
    severity: 'error',
    comment: 'session/ is the domain: time, chance and I/O come to it through a port in session/',
    from: { path: '^apps/[^/]+/src/session/' },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-cycle',
    severity: 'error',
    comment:
      'files that import each other in a circle, types included: move what both need into a third file',
    from: {},
    to: { circular: true },
  },
  {
    name: 'resolves',
    severity: 'error',
    comment:
      'there is no such file or package: correct the path, or declare the package in the package.json of this folder',
    // The programs of third-party sites run where their packages are installed for the tests.
    from: { pathNot: '^test/sites/.*\\.mjs$' },
    to: { couldNotResolve: true },
  },
]
