import { HeaderMemory } from '../../codec/event-stream/index.ts'
import type { Backend } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { chatCall } from './chat-call.ts'
import { createControlPlane } from './control-plane.ts'
import { createEndpointMemory } from './endpoint-memory.ts'
import type { EndpointBases } from './endpoints.ts'

export type { EndpointBases }

export interface AmazonQBackendDeps {
  readonly client: UpstreamClient
  readonly endpoints: EndpointBases
  /** Epoch milliseconds; default the system's clock. */
  readonly now?: () => number
}

/** Amazon Q Developer and Kiro: one service under two names (amazon-q.md §0). */
export function createAmazonQBackend({ client, endpoints, now = Date.now }: AmazonQBackendDeps): Backend {
  const memory = createEndpointMemory()
  const headers = new HeaderMemory()
  const control = createControlPlane({ client, endpoints, now })
  return {
    upstream: 'amazon-q',
    accountTypes: ['kiro', 'amazonq'],
    stream: (call) => chatCall({ client, endpoints, memory, headers }, call),
    models: control.models,
    quota: control.quota,
    profiles: control.profiles,
  }
}
