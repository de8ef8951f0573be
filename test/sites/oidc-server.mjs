// An OpenID provider and a site that signs people in by it: two sites to a browser. Neither is ours; this only
// configures them. argv: the folder with the packages, the two ports; the site's cookie secret by the environment.
import { createRequire } from 'node:module'
import { join } from 'node:path'

const [packages, providerPort, sitePort] = process.argv.slice(2)
const require = createRequire(join(packages, 'package.json'))
const { Provider } = require('oidc-provider')
const { auth } = require('express-openid-connect')
const express = require('express')

const issuer = `http://localhost:${providerPort}`
const site = `http://127.0.0.5:${sitePort}`
const client = { client_id: 'site', client_secret: process.env.OIDC_CLIENT_SECRET }

const provider = new Provider(issuer, {
  clients: [{ ...client, redirect_uris: [`${site}/callback`], post_logout_redirect_uris: [site] }],
  cookies: { keys: [process.env.OIDC_COOKIE_SECRET] },
  // Who signs in here may say any name and any password; then a page asks for consent.
  features: { devInteractions: { enabled: true } },
  pkce: { required: () => false },
})
provider.listen(Number(providerPort), '127.0.0.1')

const app = express()
app.use(
  auth({
    issuerBaseURL: issuer,
    baseURL: site,
    clientID: client.client_id,
    clientSecret: client.client_secret,
    secret: process.env.OIDC_COOKIE_SECRET,
    authorizationParams: { response_type: 'code', scope: 'openid' },
    authRequired: true,
    // Who logs out here is logged out at the provider as well: otherwise that would let them in again at once.
    idpLogout: true,
  }),
)
app.get('/', (request, response) => {
  response
    .type('html')
    .send(`<!doctype html><title>Site</title><h1 id="hello">Hello ${request.oidc.user.sub}</h1>`)
})
app.listen(Number(sitePort), '127.0.0.5')
