import type { IncomingMessage } from 'node:http'
import { ProxyError } from '../canonical/error.ts'

/**
 * Reads a request's body as JSON. Throws `ProxyError`: `request-too-large` as soon as more than `limitBytes` were
 * announced or arrived (the rest is not read), `invalid-request` for what is not JSON, `cancelled` when the client went.
 */
export async function readJson(request: IncomingMessage, limitBytes: number): Promise<unknown> {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ProxyError(
      'invalid-request',
      `The request body is compressed (${encoding.slice(0, 40)}). Send it uncompressed.`,
    )
  }
  const text = await readText(request, limitBytes)
  if (text === '') throw new ProxyError('invalid-request', 'The request body is empty. Send a JSON object.')
  try {
    return JSON.parse(text) as unknown
  } catch (error) {
    const detail = error instanceof Error ? withoutContent(error.message) : ''
    throw new ProxyError(
      'invalid-request',
      `The request body is not valid JSON${detail}. Check that it was not cut off.`,
    )
  }
}

/** V8 quotes the text around a syntax error; only the position may go into a message. */
function withoutContent(message: string): string {
  const position = /at position \d+(?: \(line \d+ column \d+\))?/u.exec(message)
  return position ? ` (${position[0]})` : ''
}

function readText(request: IncomingMessage, limitBytes: number): Promise<string> {
  const announced = Number(request.headers['content-length'] ?? 0)
  if (announced > limitBytes) return Promise.reject(tooLarge(limitBytes, announced))
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
      if (size > limitBytes) {
        request.removeAllListeners('data')
        request.pause()
        reject(tooLarge(limitBytes, size))
        return
      }
      chunks.push(chunk)
    })
    request.on('end', () => {
      const only = chunks[0]
      resolve(chunks.length === 1 && only ? only.toString('utf8') : Buffer.concat(chunks, size).toString('utf8'))
    })
    request.on('error', () =>
      reject(new ProxyError('cancelled', 'The client closed the connection while sending its request.')),
    )
    request.on('aborted', () =>
      reject(new ProxyError('cancelled', 'The client closed the connection while sending its request.')),
    )
  })
}

/** Milliseconds that a client gets to send the rest of a body that nobody wants, before the connection is cut. */
const discardMs = 5_000

/**
 * Reads on without keeping anything, for an answer that is sent while the client is still sending. The connection must
 * stay open meanwhile: a socket that is closed with unread data is reset, and the client loses the answer. Clients based
 * on `fetch` then report a broken connection instead.
 */
export function discardRest(request: IncomingMessage): void {
  request.resume()
  const cut = setTimeout(() => request.destroy(), discardMs)
  cut.unref()
  request.on('close', () => clearTimeout(cut))
}

function tooLarge(limitBytes: number, size: number): ProxyError {
  const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(1)} MB`
  return new ProxyError(
    'request-too-large',
    `The request body is ${megabytes(size)} or more; the limit is ${megabytes(limitBytes)}. Send fewer or smaller images and files, or raise the body limit in Culvert's settings.`,
  )
}
