import { describe, expect, it } from 'vitest'
import { ProxyError, toProxyError } from '../../../canonical/error.ts'
import { decodeMessagesRequest } from './decode-request.ts'
import { encodeAnthropicError } from './encode-error.ts'

const body = { model: 'claude-opus-5-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] }

function refusalOf(thread: unknown, changes: object = {}): ProxyError | undefined {
  try {
    decodeMessagesRequest({ ...body, ...changes, thread }, {})
    return undefined
  } catch (error) {
    return toProxyError(error)
  }
}

describe('refuse-thread.ts', () => {
  it.each([
    ['a new thread', { type: 'create' }, {}],
    ['a thread that goes on', { type: 'continue', previous_message_id: 'msg_1' }, {}],
    ['a reply that is to be finished', { type: 'continue', previous_message_id: 'msg_1' }, { messages: [] }],
  ])('refuses %s, so that the SDK goes on without', (_name, thread, changes) => {
    const refusal = refusalOf(thread, changes)
    expect(refusal).toMatchObject({ kind: 'invalid-request', param: 'thread' })
    const { status, body: answer } = encodeAnthropicError(refusal ?? new ProxyError('internal', ''), 'req_1')
    expect(status).toBe(400)
    expect(answer.error).toMatchObject({
      type: 'invalid_request_error',
      details: { error_code: 'thread_unsupported_request' },
    })
  })

  it.each([undefined, null])('%s is no thread', (thread) => expect(refusalOf(thread)).toBeUndefined())

  it('other refusals have no details', () => {
    const refusal = refusalOf(undefined, { messages: 'no' }) ?? new ProxyError('internal', '')
    expect(refusal.param).toBe('messages')
    expect(encodeAnthropicError(refusal, 'req_1').body.error).not.toHaveProperty('details')
  })
})
