import { type Stage, sessionName } from './set-stage.ts'
import type { Tell } from './tell.ts'

/** Where a person finds what has been started. */
export function showAround({ brokers, site, servers, apiKey }: Stage, tell: Tell): void {
  const [broker] = brokers
  tell.title('Look around; Ctrl-C ends everything')
  for (const { url } of brokers) tell.plain(`  Swagger UI   ${url}/docs`)
  tell.plain(`  a key        ${apiKey}   (“Authorize” in Swagger UI; it is gone with the demo)`)
  tell.plain(`  the site     ${site.url}   user ${site.username}, as its own page shows in each Chrome`)
  for (const { name, chrome } of servers)
    tell.plain(`  ${name}      ${chrome.cdpUrl}/json   (its Chrome's pages)`)
  tell.plain(`\n  curl -H 'Authorization: Bearer ${apiKey}' '${broker?.url}/session?session=${sessionName}'`)
}
