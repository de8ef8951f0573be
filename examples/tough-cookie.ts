// node tough-cookie.ts https://shop.example/api/me
import { createBrokerClient } from '@session-broker/client'
import { createSessionJar } from '@session-broker/client/tough-cookie'
import got from 'got'

const { SESSION_BROKER_URL: url = 'http://127.0.0.1:8787', SESSION_BROKER_KEY: key = '' } = process.env
const [address = 'https://shop.example/api/me'] = process.argv.slice(2)

const client = createBrokerClient({ url, key })
const { jar, current, signedOut, close } = await createSessionJar({ client })
const site = got.extend({
  cookieJar: jar,
  throwHttpErrors: false,
  headers: { 'user-agent': current().userAgent },
  hooks: {
    afterResponse: [
      async (response, retryWithMergedOptions) => {
        if (response.statusCode !== 401) return response
        const { outcome } = await signedOut({ reason: 'got was answered 401' })
        return outcome === 'alive' ? response : retryWithMergedOptions({})
      },
    ],
  },
})

console.log((await site(address)).body)

await close()
await client.close()
