import type { IncomingMessage, ServerResponse } from 'node:http'
import { Server } from 'proxy-chain'

type Socket = Parameters<Server['sendSocketResponse']>[0]

/**
 * Never answers in a site's place: where nothing is let through, or the site does not answer, the connection ends, so
 * that no browser takes a page of the proxy's for one of the site's.
 */
export class ExitServer extends Server {
  override sendSocketResponse(socket: Socket, statusCode?: number, headers?: object, message?: string): void {
    if (statusCode === 407) super.sendSocketResponse(socket, statusCode, headers, message)
    else socket.destroy()
  }

  override onRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { end } = response
    response.end = (...parts: unknown[]) => {
      // What a site has answered has its headers sent by now.
      if (!response.headersSent && response.statusCode >= 400) return response.destroy()
      return Reflect.apply(end, response, parts)
    }
    return super.onRequest(request, response)
  }
}
