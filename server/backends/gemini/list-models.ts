import type { ModelInfo } from '../../canonical/offering.ts'
import { decodeGeminiError } from '../../convert/upstream/gemini/decode-error.ts'
import { decodeGeminiModels } from '../../convert/upstream/gemini/decode-models.ts'
import type { ControlCall } from '../backend.ts'
import { baseFor, type GeminiCallDeps, headersFor, notTheService, proxyOf } from './call.ts'

const RESPONSE_LIMIT_BYTES = 4_194_304
const TIMEOUT_MS = 20_000
const MAX_PAGES = 10

/** What the key may use, over all pages (gemini.md §9). Rejects with `ProxyError`. */
export async function listModels({ client, base }: GeminiCallDeps, call: ControlCall): Promise<readonly ModelInfo[]> {
  const models: ModelInfo[] = []
  let token: string | undefined
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const query = new URLSearchParams({ pageSize: '200', ...(token === undefined ? {} : { pageToken: token }) })
    const response = await client.request({
      url: `${baseFor(call.account, base)}/v1beta/models?${query.toString()}`,
      method: 'GET',
      headers: headersFor(call.accessToken, call.options),
      signal: call.signal,
      firstByteTimeoutMs: TIMEOUT_MS,
      idleTimeoutMs: TIMEOUT_MS,
      ...proxyOf(call.account),
    })
    const text = await response.text(RESPONSE_LIMIT_BYTES)
    if (response.status !== 200) throw decodeGeminiError(response.status, text)
    const answer = decodeGeminiModels(parse(text))
    models.push(...answer.models)
    token = answer.nextPageToken
    if (token === undefined) break
  }
  return models
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw notTheService(error)
  }
}
