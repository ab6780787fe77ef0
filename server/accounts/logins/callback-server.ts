import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What the browser is shown, or where it is sent. */
export type CallbackAnswer =
  | { readonly type: 'page'; readonly status: number; readonly title: string; readonly text: string }
  | { readonly type: 'redirect'; readonly location: string }

/** A listener on both loopback addresses that waits for a sign-in's callback. */
export interface CallbackServer {
  readonly port: number
  /** Takes no new connections; the answer on its way still goes out. */
  close(): void
}

/** Not imported: importing `node:http` reads all it exports, which loads a second undici. */
const { createServer } = process.getBuiltinModule('node:http')

/** Tries so often to get one free port on both addresses when any port will do. */
const EPHEMERAL_TRIES = 5

/**
 * Listens on the first of `ports` that is free on 127.0.0.1 and ::1 (0: any). Undefined when none is. `handle` must not
 * reject; it is called for GET requests to this host only, so that no page elsewhere can reach it under another name.
 */
export async function listenForCallback(
  ports: readonly number[],
  handle: (url: URL) => Promise<CallbackAnswer>,
): Promise<CallbackServer | undefined> {
  for (const port of ports.flatMap((wanted) => Array<number>(wanted === 0 ? EPHEMERAL_TRIES : 1).fill(wanted))) {
    const first = await listen(createServer(listener(handle)), port, '127.0.0.1')
    if (typeof first === 'string') continue
    const bound = (first.address() as AddressInfo).port
    const second = await listen(createServer(listener(handle)), bound, '::1')
    // No IPv6 on this computer is fine; another program on the same IPv6 port would get the browser's answer.
    if (second === 'EADDRINUSE') {
      first.close()
      continue
    }
    const servers = typeof second === 'string' ? [first] : [first, second]
    return {
      port: bound,
      close() {
        for (const server of servers) {
          server.close()
          server.closeIdleConnections()
        }
      },
    }
  }
  return undefined
}

function listener(handle: (url: URL) => Promise<CallbackAnswer>) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const host = request.headers.host ?? ''
    const url = URL.parse(request.url ?? '/', 'http://localhost')
    if (request.method !== 'GET' || url === null || !/^(?:localhost|127\.0\.0\.1|\[::1\]):\d+$/u.test(host)) {
      send(response, { type: 'page', status: 400, title: 'Not a sign-in', text: 'This address only ends a sign-in.' })
      return
    }
    handle(url).then(
      (answer) => send(response, answer),
      () => send(response, { type: 'page', status: 500, title: 'Sign-in failed', text: 'Culvert has the details.' }),
    )
  }
}

function send(response: ServerResponse, answer: CallbackAnswer): void {
  const headers = { connection: 'close', 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  if (answer.type === 'redirect') {
    response.writeHead(302, { ...headers, location: answer.location }).end()
    return
  }
  response.writeHead(answer.status, {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
  })
  response.end(
    `<!doctype html><html lang="en"><meta charset="utf-8"><title>${escapeHtml(answer.title)}</title>` +
      '<body style="font:16px system-ui;margin:15vh auto;max-width:32em;padding:0 1em">' +
      `<h1 style="font-size:1.4em">${escapeHtml(answer.title)}</h1><p>${escapeHtml(answer.text)}</p></body></html>`,
  )
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/gu, (character) => `&#${character.charCodeAt(0)};`)
}

/** The server once it listens, or the error's code. */
function listen(server: Server, port: number, host: string): Promise<Server | string> {
  return new Promise((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'UNKNOWN'))
    server.listen({ port, host, ipv6Only: true }, () => resolve(server.unref()))
  })
}
