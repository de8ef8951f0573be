import { execFile } from 'node:child_process'
import { appendFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { freePort, startProcess, waitFor } from '@session-broker/stage/process'
import { ensureInstalled } from './ensure-installed.ts'
import {
  randomPassword,
  type StartOptions,
  startMs,
  type ThirdPartySite,
  temporaryFolder,
} from './third-party-site.ts'

const run = promisify(execFile)
const python = '/usr/bin/python3'
const host = '127.0.0.2'

export interface DjangoOptions extends StartOptions {
  /** Slides on each request; default an hour. */
  sessionSeconds?: number
}

/** Django's admin: a plain form with a CSRF field; `sessionid` is HttpOnly, SameSite=Strict and slides. */
export async function startDjango({
  signal,
  sessionSeconds = 3600,
}: DjangoOptions = {}): Promise<ThirdPartySite> {
  await ensureInstalled('django', signal)
  await using opened = new AsyncDisposableStack()
  const folder = await temporaryFolder('django', opened)
  const username = 'alice'
  const password = randomPassword()
  await makeProject(folder, { username, password, sessionSeconds, ...(signal && { signal }) })

  const url = `http://${host}:${await freePort(host)}`
  const server = opened.adopt(
    await startProcess({
      name: 'Django',
      command: python,
      args: ['-W', 'ignore', 'manage.py', 'runserver', '--noreload', '--nothreading', new URL(url).host],
      cwd: folder,
    }),
    (process) => process.end(),
  )
  await waitFor(server, async (within) => (await fetch(`${url}/admin/login/`, { signal: within })).ok, {
    withinMs: startMs,
    signal,
  })
  const stack = opened.move()
  return {
    name: 'Django admin',
    url,
    loginUrl: `${url}/admin/`,
    username,
    password,
    fields: { username: '#id_username', password: '#id_password', submit: 'input[type=submit]' },
    check: {
      url: `${url}/admin/`,
      in: 'http',
      expect: { status: 200, text: 'Site administration', finalUrl: `${url}/admin/` },
    },
    signedIn: { url: `${url}/admin/`, selector: '#user-tools strong >> text=ALICE' },
    logOut: (page) => page.click('#user-tools >> text=Log out'),
    async killSessions() {
      using database = new DatabaseSync(join(folder, 'db.sqlite3'), { timeout: 5_000 })
      database.exec('DELETE FROM django_session')
    },
    close: () => stack.disposeAsync(),
  }
}

interface Project extends StartOptions {
  username: string
  password: string
  sessionSeconds: number
}

async function makeProject(folder: string, { username, password, sessionSeconds, signal }: Project) {
  const django = (args: string[], env = {}) =>
    run(python, args, {
      cwd: folder,
      timeout: startMs,
      env: { PATH: '/usr/bin:/bin', ...env },
      ...(signal && { signal }),
    })
  await django(['-m', 'django', 'startproject', 'site_under_test', '.'])
  const settings = `
ALLOWED_HOSTS = ['${host}']
SESSION_COOKIE_SAMESITE = 'Strict'
SESSION_COOKIE_AGE = ${sessionSeconds}
SESSION_SAVE_EVERY_REQUEST = True
`
  await appendFile(join(folder, 'site_under_test', 'settings.py'), settings)
  await django(['manage.py', 'migrate', '--verbosity', '0'])
  await django(
    ['manage.py', 'createsuperuser', '--noinput', '--username', username, '--email', 'a@example.test'],
    {
      DJANGO_SUPERUSER_PASSWORD: password,
    },
  )
}
