import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Settings } from '../../contract/settings.ts'
import { decideAdmin } from './admin.ts'
import type { AdminDecision, AdminTokenVerifier } from './admin.ts'
import { isLoopbackAuthority, parseAuthority, unmapped } from './authority.ts'
import { decideClient } from './client-key.ts'
import type { ClientDecision, ClientKeyVerifier } from './client-key.ts'
import { createFailureLimiter } from './failure-limiter.ts'
import { createHostCheck, refuseHost } from './host.ts'
import type { HostCheck } from './host.ts'
import { decideOrigin } from './origin.ts'
import type { OriginDecision, OriginScope } from './origin.ts'

/** The settings that decide on access. */
export type AccessSettings = Pick<Settings, 'host' | 'allowedHosts' | 'allowedOrigins' | 'keysRequired'>

export interface AccessDependencies {
  /** The settings in force now; a changed list is a new list. */
  readonly settings: () => AccessSettings
  readonly keys: ClientKeyVerifier
  readonly admin: AdminTokenVerifier
  readonly now: () => number
}

/** Every question of who may do what, for plain node:http requests. The answers have no side effect on the response. */
export interface Access {
  /** Host first, then Origin: for every request, before anything else is looked at. */
  admit(request: IncomingMessage, scope: OriginScope): OriginDecision
  /** Whether the client API may be used, and by which key. */
  client(request: IncomingMessage): ClientDecision
  /** Whether the management API may be used. */
  admin(request: IncomingMessage): AdminDecision
}

/** What is worked out from the settings once and not with every request. */
interface CompiledSettings {
  readonly host: string
  readonly allowedHosts: readonly string[]
  readonly hosts: HostCheck
  readonly listensOnLoopback: boolean
}

const clientFailures = { limit: 20, windowMs: 60_000 }
/** promises.md §5: five tries in 15 minutes. */
const adminFailures = { limit: 5, windowMs: 15 * 60_000 }

/** The access control of one server. It remembers failed attempts in bounded memory, and nothing else. */
export function createAccess(dependencies: AccessDependencies): Access {
  const { settings, keys, admin, now } = dependencies
  const wrongKeys = createFailureLimiter({ ...clientFailures, now })
  const wrongTokens = createFailureLimiter({ ...adminFailures, now })
  let compiled: CompiledSettings | undefined

  function compile(current: AccessSettings): CompiledSettings {
    const { host, allowedHosts } = current
    if (compiled === undefined || compiled.host !== host || compiled.allowedHosts !== allowedHosts) {
      const hosts = createHostCheck({ listenHost: host, allowedHosts })
      compiled = { host, allowedHosts, hosts, listensOnLoopback: isLoopbackHost(host) }
    }
    return compiled
  }

  return {
    admit(request, scope) {
      const current = settings()
      const error = refuseHost(request, compile(current).hosts)
      if (error !== undefined) return { kind: 'refuse', error }
      const { headers, method = 'GET' } = request
      return decideOrigin({ method, headers, scope, allowedOrigins: current.allowedOrigins })
    },
    client(request) {
      const current = settings()
      const { listensOnLoopback } = compile(current)
      return decideClient(request, { keys, keysRequired: current.keysRequired, listensOnLoopback, failures: wrongKeys })
    },
    admin: (request) => decideAdmin(request, admin, wrongTokens),
  }
}

/** Whether listening on this host means listening on loopback only. */
export function isLoopbackHost(host: string): boolean {
  const plain = unmapped(host)
  const authority = parseAuthority(plain.includes(':') ? `[${plain}]` : plain)
  return authority !== undefined && isLoopbackAuthority(authority)
}

/** Puts the headers of a passed request on the response, or answers a preflight; `true`: the response is done. */
export function applyOrigin(decision: Exclude<OriginDecision, { kind: 'refuse' }>, response: ServerResponse): boolean {
  for (const [name, value] of Object.entries(decision.headers)) response.setHeader(name, value)
  if (decision.kind === 'pass') return false
  response.writeHead(204).end()
  return true
}
