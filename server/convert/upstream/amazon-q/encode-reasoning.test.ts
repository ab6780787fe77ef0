import { describe, expect, it } from 'vitest'
import { assistant, contents, encode, text, user } from '../../../../tests/support/amazon-q/lint-case.ts'
import type { JsonObject } from '../../../canonical/json.ts'
import type { ReasoningRequest } from '../../../canonical/request.ts'

interface Case {
  readonly model: string
  readonly ask?: ReasoningRequest
  readonly schema?: JsonObject
  readonly mode: 'native' | 'tags' | 'none'
  readonly fields?: JsonObject
  readonly tags?: string
}

const thinking = { type: 'adaptive', display: 'summarized' }

function claudeSchema(efforts: readonly string[], more: JsonObject = {}): JsonObject {
  return { type: 'object', properties: { output_config: { properties: { effort: { enum: efforts } } }, ...more } }
}

const cases: readonly Case[] = [
  { model: 'claude-opus-4.8', mode: 'none' },
  { model: 'claude-opus-4.8', ask: { mode: 'off' }, mode: 'none' },
  {
    model: 'claude-opus-4.8',
    ask: { mode: 'adaptive', effort: 'xhigh', display: 'summarized' },
    mode: 'native',
    fields: { output_config: { effort: 'xhigh' }, thinking },
  },
  {
    model: 'claude-sonnet-5',
    ask: { mode: 'adaptive', effort: 'medium', display: 'omitted' },
    mode: 'native',
    fields: { output_config: { effort: 'medium' } },
  },
  {
    model: 'claude-opus-4.6',
    ask: { mode: 'adaptive', effort: 'max', display: 'omitted' },
    mode: 'native',
    fields: { output_config: { effort: 'max' }, thinking },
  },
  {
    model: 'claude-sonnet-4.6',
    ask: { mode: 'budget', budgetTokens: 4_000, display: 'omitted' },
    mode: 'native',
    fields: { output_config: { effort: 'low' } },
  },
  {
    model: 'gpt-5.6-sol',
    ask: { mode: 'adaptive', effort: 'max' },
    mode: 'native',
    fields: { reasoning: { effort: 'xhigh' } },
  },
  {
    model: 'claude-sonnet-4.5',
    ask: { mode: 'budget', budgetTokens: 31_999 },
    mode: 'tags',
    tags: '<thinking_mode>enabled</thinking_mode><max_thinking_length>24576</max_thinking_length>',
  },
  {
    model: 'claude-haiku-4.5',
    ask: { mode: 'adaptive', effort: 'minimal' },
    mode: 'tags',
    tags: '<thinking_mode>adaptive</thinking_mode><thinking_effort>low</thinking_effort>',
  },
  { model: 'qwen3-coder-next', ask: { mode: 'adaptive' }, mode: 'none' },
  {
    model: 'any-model',
    ask: { mode: 'adaptive', effort: 'minimal' },
    schema: claudeSchema(['low', 'high'], { thinking: {} }),
    mode: 'native',
    fields: { output_config: { effort: 'low' }, thinking },
  },
  {
    model: 'claude-opus-4.8',
    ask: { mode: 'adaptive', effort: 'high' },
    schema: claudeSchema(['high']),
    mode: 'native',
    fields: { output_config: { effort: 'high' } },
  },
  {
    model: 'any-model',
    ask: { mode: 'budget', budgetTokens: 100_000 },
    schema: { properties: { reasoning: { properties: { effort: { enum: ['low', 'medium'] } } } } },
    mode: 'native',
    fields: { reasoning: { effort: 'medium' } },
  },
  { model: 'deepseek-3.2', ask: { mode: 'adaptive' }, schema: { properties: {} }, mode: 'none' },
]

describe('encode-reasoning', () => {
  it.each(cases)('$model $ask: $mode $fields', ({ model, ask, schema, mode, fields, tags }) => {
    const { body, reasoning } = encode(
      { model, ...(ask === undefined ? {} : { reasoning: ask }) },
      schema === undefined ? {} : { modelInfo: { requestFieldsSchema: schema } },
    )
    expect(reasoning).toBe(mode)
    expect(body.additionalModelRequestFields).toEqual(fields)
    expect(contents(body).filter((content) => content.includes('thinking_mode'))).toEqual(
      tags === undefined ? [] : [tags],
    )
  })

  it('replays thinking of models with tags as tags', () => {
    const { body, repairs } = encode({
      reasoning: { mode: 'budget', budgetTokens: 2_000 },
      messages: [user(text('a')), assistant({ type: 'reasoning', text: 'Hm.' }, text('b')), user(text('c'))],
    })
    expect(contents(body)[3]).toBe('<thinking>Hm.</thinking>\n\nb')
    expect(repairs).toEqual([])
  })
})
