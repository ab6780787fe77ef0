import { ProxyError } from '../canonical/error.ts'

/** The failure of a call whose client went away. */
export function cancelledError(): ProxyError {
  return new ProxyError('cancelled', 'The client closed the connection before the answer was complete.')
}

/** The failure of a call to `host` that waited `afterMs` milliseconds for the first byte of an answer. */
export function firstByteTimeoutError(host: string, afterMs: number): ProxyError {
  return new ProxyError(
    'timeout',
    `${host} accepted the request but sent no answer within ${seconds(afterMs)}. The service is slow or stuck; try again, or raise the first-byte timeout in the settings.`,
  )
}

/** A call as its failure is worded. */
export interface FailedCall {
  readonly host: string
  /** The idle timeout that was in force, milliseconds. */
  readonly idleTimeoutMs: number
  /** Whether a proxy stands in between, which is then the one that could not be reached. */
  readonly isProxied: boolean
}

/** What undici or Node said about a broken call, as a ProxyError with words. */
export function connectionFailure(error: unknown, { host, idleTimeoutMs, isProxied }: FailedCall): ProxyError {
  if (error instanceof ProxyError) return error
  const code = codeOf(error)
  if (code === 'UND_ERR_BODY_TIMEOUT') {
    return new ProxyError(
      'timeout',
      `${host} fell silent in the middle of its answer for ${seconds(idleTimeoutMs)}. The service is stuck; try again, or raise the idle timeout in the settings.`,
      { cause: error },
    )
  }
  const isUnreadable = error instanceof Error && error.name === 'HTTPParserError'
  if (isUnreadable || code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' || code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new ProxyError(
      'upstream-invalid',
      `${host} sent an answer that is not valid HTTP. This is the service's fault or a proxy's in between; try again.`,
      { cause: error },
    )
  }
  return new ProxyError('network', networkSentence(error, code, host, isProxied), { cause: error })
}

const PROXY_CODES: ReadonlySet<string> = new Set(['UND_ERR_PRX_TLS', 'UND_ERR_PRX_CONN'])

/** With a proxy in between, these are about the way to the proxy: it alone is connected to. */
const UNREACHABLE = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT/u

function networkSentence(error: unknown, code: string, host: string, isProxied: boolean): string {
  const text = error instanceof Error ? error.message : ''
  const isProxyFault =
    /proxy|socks/iu.test(text) || PROXY_CODES.has(code) || (isProxied && UNREACHABLE.test(code + text))
  if (isProxyFault) {
    return `Culvert could not reach ${host} through the proxy that it was told to use (${proxyReason(code, text)}). Check the proxy in the settings or in HTTPS_PROXY.`
  }
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${host} could not be looked up. Check this computer's internet connection and DNS.`
    case 'ECONNREFUSED':
      return `${host} refused the connection. Check the address and that no firewall is in the way.`
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return `The connection to ${host} broke before the answer was complete. Try again; if it goes on, check the network or the proxy in between.`
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ENETDOWN':
    case 'UND_ERR_CONNECT_TIMEOUT':
      return `No connection to ${host} could be made in time. Check this computer's internet connection.`
    default:
      return isCertificateCode(code)
        ? `The certificate of ${host} is not trusted (${code}). Often a company's proxy inspects the traffic: add its certificate with NODE_EXTRA_CA_CERTS.`
        : `The call to ${host} failed on the way (${code || 'no reason given'}). Check this computer's internet connection and try again.`
  }
}

/** Only fixed words and a status: the library's own text may hold the proxy's address with its password. */
function proxyReason(code: string, text: string): string {
  const status = /\((\d{3})\)/u.exec(text)?.[1]
  if (status === '407') return 'it asks for a user name and password, status 407'
  if (status !== undefined) return `it answered with status ${status}`
  const unreachable = UNREACHABLE.exec(`${code} ${text}`)?.[0]
  return unreachable === undefined
    ? 'it did not answer as a proxy does'
    : `it can not be reached itself, ${unreachable}`
}

function isCertificateCode(code: string): boolean {
  return /^ERR_TLS_|^CERT_|SELF_SIGNED|UNABLE_TO_(?:GET|VERIFY)|ERR_SSL_/u.test(code)
}

function codeOf(error: unknown): string {
  for (let depth = 0, current = error; depth < 4 && current instanceof Error; depth++, current = current.cause) {
    if ('code' in current && typeof current.code === 'string') return current.code
    if (current instanceof AggregateError && current.errors.length > 0) return codeOf(current.errors[0])
  }
  return ''
}

function seconds(ms: number): string {
  return ms >= 1_000 ? `${Math.round(ms / 1_000)} s` : `${ms} ms`
}
