import type { ChatBody } from '../../../wire/openai-chat/request.ts'
import { invalidField, invalidRequest } from '../request-fields.ts'

/** As many as OpenAI's own API takes. */
const mostStopSequences = 4

/** Refuses what would change the answer's meaning if it were ignored. Throws `ProxyError` of kind `invalid-request`. */
export function refuseUnservable(body: ChatBody): void {
  if ((body.n ?? 1) > 1) {
    throw invalidRequest('n', 'only one answer can be had at a time; send the request several times instead')
  }
  if (body.logprobs === true || (body.top_logprobs ?? 0) > 0) {
    const param = body.logprobs === true ? 'logprobs' : 'top_logprobs'
    throw invalidRequest(param, 'no account here tells the probabilities of tokens; leave this out')
  }
  for (const [index, modality] of (body.modalities ?? []).entries()) {
    if (modality === 'text') continue
    throw invalidRequest(`modalities.${index}`, 'answers are text only; ask for "text"')
  }
}

/** `stop`: one sequence or up to four. Throws `ProxyError` of kind `invalid-request`. */
export function decodeStop(stop: unknown): readonly string[] {
  if (stop === undefined || stop === null) return []
  const sequences: readonly unknown[] = Array.isArray(stop) ? stop : [stop]
  if (sequences.length > mostStopSequences) throw invalidRequest('stop', 'at most 4 stop sequences can be given')
  return sequences.map((sequence, index) => {
    if (typeof sequence === 'string' && sequence !== '') return sequence
    const path = Array.isArray(stop) ? `stop.${index}` : 'stop'
    throw invalidField(
      path,
      Array.isArray(stop) ? 'a string that is not empty' : 'a string or an array of strings',
      sequence,
    )
  })
}
