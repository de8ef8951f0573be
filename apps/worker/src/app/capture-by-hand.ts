import { type BrokerClient, createBrokerClient } from '@session-broker/client'
import type { CaptureResult, SessionSummary } from '@session-broker/shared'
import { type CapturedSession, captureSession } from '../capture/capture-session.ts'
import { connectToChrome } from '../cdp/connect-to-chrome.ts'

export interface CaptureOrder {
  brokers: readonly string[]
  key: string
  session: string
  /** The Chrome in which somebody has signed in. */
  chrome: string
  /** A page that shows it; left out: an open tab of the session's site. */
  page?: string | undefined
  /** Take the place of a session that is alive. */
  replace: boolean
}

export type CaptureReport =
  | { outcome: 'published'; published: CaptureResult; captured: CapturedSession; sites: readonly string[] }
  /** The session is alive, and nobody has said that it is to be replaced. */
  | { outcome: 'alive'; summary: SessionSummary }
  /** Chrome holds nothing of these sites. */
  | { outcome: 'empty'; sites: readonly string[] }

/**
 * Takes what a person has signed in to in a Chrome to the broker, for everybody. The Chrome is left as it is.
 * @throws ProblemError by the broker's code, BrokerUnreachableError, UnexpectedAnswerError, CdpError
 */
export async function captureByHand(order: CaptureOrder): Promise<CaptureReport> {
  const { brokers, key, session, replace } = order
  const client = createBrokerClient({ url: brokers, key })
  try {
    const summary = await client.summary(session)
    if (summary.status === 'live' && !replace) return { outcome: 'alive', summary }
    // Before Chrome is read: what is published from now on is not replaced unseen.
    const ifMatch = await presentEtag(client, summary)
    const captured = await readChrome(order, summary)
    const { state } = captured
    const { sites } = summary
    if (state.cookies.length === 0 && state.origins.length === 0) return { outcome: 'empty', sites }
    const landedUrl = order.page ?? captured.landedUrl
    const published = await client.putCookies({
      ...{ session, state, ifMatch },
      landedUrl: landedUrl?.split('#')[0],
    })
    return { outcome: 'published', published, captured, sites }
  } finally {
    await client.close()
  }
}

/** Without the state itself: any state is the one that is not sent again. */
async function presentEtag(
  client: BrokerClient,
  { session, status }: SessionSummary,
): Promise<string | undefined> {
  if (status === 'absent') return undefined
  const answer = await client.cookies({ session, ifNoneMatch: '*' })
  return answer.etag
}

async function readChrome(
  { chrome, page }: CaptureOrder,
  { loginOrigin, sites, check }: SessionSummary,
): Promise<CapturedSession> {
  const connection = await connectToChrome(chrome)
  try {
    const urls = [loginOrigin, ...(check ? [check.url] : []), ...(page === undefined ? [] : [page])]
    return await captureSession(connection, { sites, urls })
  } finally {
    connection.close()
  }
}
