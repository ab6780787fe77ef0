import { decodeChatError } from '../../convert/upstream/openai/decode-error.ts'
import { decodeChatModels } from '../../convert/upstream/openai/decode-models.ts'
import { versionedAddress } from '../account-address.ts'
import type { Backend } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { listModels } from '../list-models.ts'
import { chatCall, chatHeaders, OPENAI_ADDRESS } from './chat-call.ts'

/**
 * Every service that speaks OpenAI's Chat Completions at the account's `baseUrl`. Accounts have an API key and no
 * allowance that could be asked for.
 */
export function createOpenAiBackend({ client }: { readonly client: UpstreamClient }): Backend {
  return {
    upstream: 'openai',
    accountTypes: ['openai'],
    stream: (call) => chatCall(client, call),
    models: (call) =>
      listModels(client, call, () => ({
        url: `${versionedAddress(call.account, OPENAI_ADDRESS)}/models`,
        headers: chatHeaders(call),
        decode: decodeChatModels,
        refusal: decodeChatError,
        query: () => '',
      })),
  }
}
