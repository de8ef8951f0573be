import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { defaultUsername, startSite } from './start-site.ts'

// The site as a process of its own. Prints one line of JSON: where it is and how to sign in.
// SITE_USERNAME, SITE_PASSWORD and SITE_ADMIN_TOKEN are taken from the environment, made up where they are missing.

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    // Ends when stdin closes: a parent that was killed leaves no site behind.
    'with-parent': { type: 'boolean', default: false },
  },
})

const username = process.env.SITE_USERNAME ?? defaultUsername
const password = process.env.SITE_PASSWORD ?? randomBytes(12).toString('base64url')
const adminToken = process.env.SITE_ADMIN_TOKEN ?? randomBytes(18).toString('base64url')

const site = await startSite({
  port: Number(values.port),
  host: values.host,
  accounts: { [username]: password },
  adminToken,
})
const { url, loginUrl } = site
console.log(JSON.stringify({ url, loginUrl, username, password, adminToken }))

const end = () => void site.close().then(() => process.exit(0))
process.once('SIGTERM', end)
process.once('SIGINT', end)
if (values['with-parent']) process.stdin.once('end', end).resume()
