import { describe, expect, it } from 'vitest'
import { decodeMessagesRequest } from './decode-request.ts'

function decode(changes: object) {
  return decodeMessagesRequest(
    { model: 'm', max_tokens: 9, messages: [{ role: 'user', content: 'x' }], ...changes },
    {},
  )
}

describe('decode-reasoning.ts', () => {
  it.each([
    [undefined, undefined],
    [{ type: 'disabled' }, { mode: 'off' }],
    [{ type: 'adaptive' }, { mode: 'adaptive' }],
    [
      { type: 'adaptive', display: 'omitted' },
      { mode: 'adaptive', display: 'omitted' },
    ],
    [
      { type: 'adaptive', display: 'summarized' },
      { mode: 'adaptive', display: 'summarized' },
    ],
    [
      { type: 'adaptive', display: 'updates' },
      { mode: 'adaptive', display: 'summarized' },
    ],
    [{ type: 'adaptive', display: 'holographic' }, { mode: 'adaptive' }],
    [{ type: 'between_tools' }, { mode: 'adaptive' }],
    [
      { type: 'enabled', budget_tokens: 4096 },
      { mode: 'budget', budgetTokens: 4096 },
    ],
    [{ type: 'enabled', budget_tokens: 0 }, { mode: 'off' }],
    [{ type: 'enabled' }, { mode: 'adaptive' }],
  ])('thinking %j', (thinking, reasoning) => expect(decode({ thinking }).reasoning).toEqual(reasoning))

  it.each(['minimal', 'low', 'medium', 'high', 'xhigh', 'max'])('the effort %s', (effort) => {
    const asked = { thinking: { type: 'adaptive' }, output_config: { effort } }
    expect(decode(asked).reasoning).toEqual({ mode: 'adaptive', effort })
    expect(decode(asked).extras.anthropic).toEqual({ output_config: { effort } })
  })

  it('an effort alone asks for no reasoning', () => {
    expect(decode({ output_config: { effort: 'high' } }).reasoning).toBeUndefined()
  })

  it.each([
    [
      { output_config: { format: { type: 'json_schema', schema: { a: 1 } } } },
      { type: 'json-schema', schema: { a: 1 } },
    ],
    [
      { output_config: { format: { type: 'json_schema', name: 'n', schema: {} } } },
      { type: 'json-schema', name: 'n', schema: {} },
    ],
    [{ output_format: { type: 'json_schema', schema: { a: 1 } } }, { type: 'json-schema', schema: { a: 1 } }],
    [{ output_config: { format: { type: 'text' } } }, undefined],
    [{ output_config: { format: null } }, undefined],
  ])('the format of %j', (changes, format) => expect(decode(changes).outputFormat).toEqual(format))
})
