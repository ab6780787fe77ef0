import type { UpstreamClient } from '../../backends/fetch-upstream.ts'
import { ProxyError } from '../../canonical/error.ts'

/** What AWS's client hands to its HTTP layer, as far as it is used here. */
interface SdkRequest {
  readonly protocol: string
  readonly hostname: string
  readonly port?: number
  readonly path: string
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

interface SdkResponse {
  readonly response: { statusCode: number; headers: Record<string, string>; body: Uint8Array }
}

/** The HTTP layer of AWS's client, on top of Culvert's own. */
export interface OidcTransport {
  readonly metadata: { readonly handlerProtocol: string }
  handle(request: SdkRequest, options?: { abortSignal?: unknown }): Promise<SdkResponse>
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
  destroy(): void
}

const RESPONSE_LIMIT_BYTES = 262_144
const TIMEOUT_MS = 20_000
const FORWARDED_HEADERS = ['content-type', 'date', 'retry-after', 'x-amzn-errortype', 'x-amzn-requestid']

export interface OidcTransportOptions {
  readonly userAgent: () => string
  readonly proxy: string | undefined
}

/** A transport for AWS's client whose calls say honestly who makes them. */
export function createOidcTransport(client: UpstreamClient, { userAgent, proxy }: OidcTransportOptions): OidcTransport {
  return {
    metadata: { handlerProtocol: 'http/1.1' },
    async handle(request, options) {
      if (request.method !== 'POST') {
        throw new ProxyError('internal', 'The AWS login client asked for an HTTP method that Culvert does not carry.')
      }
      const port = request.port === undefined ? '' : `:${request.port}`
      const { 'content-length': _length, host: _host, ...headers } = request.headers
      const response = await client.request({
        url: `${request.protocol}//${request.hostname}${port}${request.path}`,
        method: 'POST',
        headers: { ...headers, 'user-agent': userAgent(), 'x-amz-user-agent': userAgent() },
        firstByteTimeoutMs: TIMEOUT_MS,
        idleTimeoutMs: TIMEOUT_MS,
        ...(proxy === undefined ? {} : { proxy }),
        ...(typeof request.body === 'string' || request.body instanceof Uint8Array ? { body: request.body } : {}),
        ...(options?.abortSignal instanceof AbortSignal ? { signal: options.abortSignal } : {}),
      })
      const kept: Record<string, string> = {}
      for (const name of FORWARDED_HEADERS) {
        const value = response.headers.get(name)
        if (value !== undefined) kept[name] = value
      }
      const body = Buffer.from(await response.text(RESPONSE_LIMIT_BYTES))
      return { response: { statusCode: response.status, headers: kept, body } }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  }
}
