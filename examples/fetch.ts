// node fetch.ts https://shop.example/api/me
import { createBrokerClient } from '@session-broker/client'
import { createSessionFetch } from '@session-broker/client/fetch'

const { SESSION_BROKER_URL: url = 'http://127.0.0.1:8787', SESSION_BROKER_KEY: key = '' } = process.env
const [address = 'https://shop.example/api/me'] = process.argv.slice(2)

const client = createBrokerClient({ url, key })
const { fetch, close } = await createSessionFetch({ client })

// Where the site has forgotten the session, all of these wait for one login, and are sent once more.
const answers = await Promise.all(Array.from({ length: 20 }, () => fetch(address)))
for (const answer of answers) console.log(answer.status, await answer.text())

await close()
await client.close()
