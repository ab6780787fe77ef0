import { decodeAnthropicError } from '../../convert/upstream/anthropic/decode-error.ts'
import { decodeModelPage } from '../../convert/upstream/anthropic/decode-models.ts'
import { baseAddress } from '../account-address.ts'
import type { Backend } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { listModels } from '../list-models.ts'
import { ANTHROPIC_ADDRESS, anthropicHeaders } from './headers.ts'
import { messagesCall } from './messages-call.ts'

/**
 * Anthropic's API, and every service that speaks its dialect at the account's `baseUrl`. Accounts have an API key and no
 * allowance that could be asked for.
 */
export function createAnthropicBackend({ client }: { readonly client: UpstreamClient }): Backend {
  return {
    upstream: 'anthropic',
    accountTypes: ['anthropic'],
    stream: (call) => messagesCall(client, call),
    models: (call) =>
      listModels(client, call, () => ({
        url: `${baseAddress(call.account, ANTHROPIC_ADDRESS)}/v1/models`,
        headers: anthropicHeaders(call),
        decode: decodeModelPage,
        refusal: decodeAnthropicError,
        query: (after) => `?limit=1000${after === undefined ? '' : `&after_id=${encodeURIComponent(after)}`}`,
      })),
  }
}
