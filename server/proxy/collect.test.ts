import { describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import type { CompletionEvent } from '../canonical/event.ts'
import { collect } from './collect.ts'

const opaque = { origin: { upstream: 'amazon-q' as const, model: 'm' }, value: 'x' }

async function* stream(...batches: readonly (readonly CompletionEvent[])[]) {
  yield* batches
}

function toolCall(...fragments: readonly string[]) {
  return stream(
    [{ type: 'message-start' }, { type: 'tool-start', index: 0, id: 't', name: 'Bash' }],
    ...fragments.map((json): CompletionEvent[] => [{ type: 'tool-delta', index: 0, json }]),
    [
      { type: 'tool-end', index: 0 },
      { type: 'finish', reason: 'tool-use' },
    ],
  )
}

describe('collect.ts', () => {
  it('folds every kind of block', async () => {
    const message = await collect(
      stream(
        [{ type: 'message-start' }, { type: 'reasoning-start', index: 0 }],
        [{ type: 'reasoning-delta', index: 0, text: 'h' }],
        [
          { type: 'reasoning-delta', index: 0, text: 'm' },
          { type: 'reasoning-end', index: 0, signature: opaque },
          { type: 'reasoning-start', index: 1 },
          { type: 'reasoning-end', index: 1, redacted: opaque },
          { type: 'text-start', index: 2 },
          { type: 'text-delta', index: 2, text: 'Hello' },
        ],
        [
          { type: 'text-delta', index: 2, text: ' world' },
          { type: 'text-end', index: 2 },
          { type: 'usage', usage: { outputTokens: 5 } },
          { type: 'tool-start', index: 3, id: 't', name: 'Bash' },
          { type: 'tool-delta', index: 3, json: '{"command"' },
          { type: 'tool-delta', index: 3, json: ':"ls"}' },
          { type: 'tool-end', index: 3 },
          { type: 'finish', reason: 'stop-sequence', raw: 'STOP', stopSequence: '###' },
        ],
      ),
    )
    expect(message).toEqual({
      content: [
        { type: 'reasoning', text: 'hm', signature: opaque },
        { type: 'reasoning', text: '', redacted: opaque },
        { type: 'text', text: 'Hello world' },
        { type: 'tool-use', id: 't', name: 'Bash', input: { command: 'ls' } },
      ],
      finish: { reason: 'stop-sequence', raw: 'STOP', stopSequence: '###' },
    })
  })

  it('a tool call without fragments has an empty input', async () => {
    expect((await collect(toolCall())).content).toEqual([{ type: 'tool-use', id: 't', name: 'Bash', input: {} }])
  })

  it.each([['{"a":'], ['[]'], ['null'], ['"text"'], ['{} {}']])('the input %s is refused', async (json) => {
    const refused = collect(toolCall(json))
    await expect(refused).rejects.toMatchObject({ kind: 'upstream-invalid' })
    await expect(refused).rejects.toThrow('a call of the tool "Bash"')
  })

  it('an answer that breaks off is refused', async () => {
    await expect(collect(stream([{ type: 'message-start' }]))).rejects.toMatchObject({ kind: 'upstream-invalid' })
  })

  it("the stream's own error comes through", async () => {
    async function* failing(): AsyncGenerator<readonly CompletionEvent[]> {
      yield [{ type: 'message-start' }]
      throw new ProxyError('timeout', 'Silence.')
    }
    await expect(collect(failing())).rejects.toMatchObject({ kind: 'timeout', message: 'Silence.' })
  })
})
