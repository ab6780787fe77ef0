import { randomUUID } from 'node:crypto'
import type { AuthMethod, BackendOptions } from '../backend.ts'
import type { EndpointVariant } from './endpoints.ts'

export interface HeaderContext {
  readonly accessToken: string
  readonly authMethod: AuthMethod
  readonly options: Pick<BackendOptions, 'userAgent' | 'optOutOfTraining'>
  /** Counts up from 1 within one request. */
  readonly attempt: number
}

/** The headers that every call carries (amazon-q.md §2.2). */
function commonHeaders({ accessToken, authMethod, options, attempt }: HeaderContext): Record<string, string> {
  return {
    authorization: `Bearer ${accessToken}`,
    'user-agent': options.userAgent,
    'x-amz-user-agent': options.userAgent,
    'x-amzn-codewhisperer-optout': options.optOutOfTraining ? 'true' : 'false',
    'amz-sdk-invocation-id': randomUUID(),
    'amz-sdk-request': `attempt=${attempt}; max=3`,
    ...(authMethod === 'external-idp' ? { tokentype: 'EXTERNAL_IDP' } : {}),
    ...(authMethod === 'api-key' ? { tokentype: 'API_KEY' } : {}),
  }
}

/** Headers of the chat call. */
export function chatHeaders(variant: EndpointVariant, context: HeaderContext): Record<string, string> {
  const headers = { ...commonHeaders(context), accept: 'application/vnd.amazon.eventstream' }
  return variant === 'q-json'
    ? {
        ...headers,
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse',
      }
    : { ...headers, 'content-type': 'application/json', 'x-amzn-kiro-agent-mode': 'vibe' }
}

/** Headers of a call to the control plane. */
export function controlHeaders(context: HeaderContext): Record<string, string> {
  return { ...commonHeaders(context), accept: 'application/json', 'content-type': 'application/json' }
}
