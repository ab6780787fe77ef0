import { describe, expect, it } from 'vitest'
import { encodeModel, encodeModelList } from './encode-models.ts'

const models = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id, displayName: id.toUpperCase() }))
const ids = (query: Parameters<typeof encodeModelList>[1]) => {
  const { data, ...rest } = encodeModelList(models, query)
  return { ids: data.map((model) => model.id).join(''), ...rest }
}

describe('encode-models.ts', () => {
  it.each([
    [{}, { ids: 'abcde', has_more: false, first_id: 'a', last_id: 'e' }],
    [{ limit: 2 }, { ids: 'ab', has_more: true, first_id: 'a', last_id: 'b' }],
    [
      { limit: 2, afterId: 'b' },
      { ids: 'cd', has_more: true, first_id: 'c', last_id: 'd' },
    ],
    [
      { limit: 2, afterId: 'd' },
      { ids: 'e', has_more: false, first_id: 'e', last_id: 'e' },
    ],
    [{ afterId: 'e' }, { ids: '', has_more: false, first_id: null, last_id: null }],
    [
      { limit: 2, beforeId: 'e' },
      { ids: 'cd', has_more: true, first_id: 'c', last_id: 'd' },
    ],
    [
      { limit: 1_000, beforeId: 'b' },
      { ids: 'a', has_more: false, first_id: 'a', last_id: 'a' },
    ],
    [
      { afterId: 'a', beforeId: 'd' },
      { ids: 'bc', has_more: false, first_id: 'b', last_id: 'c' },
    ],
  ])('%j', (query, page) => expect(ids(query)).toEqual(page))

  it.each([
    [{ limit: 0 }, 'limit'],
    [{ limit: 1_001 }, 'limit'],
    [{ limit: Number.NaN }, 'limit'],
    [{ afterId: 'x' }, 'after_id'],
    [{ beforeId: 'x' }, 'before_id'],
  ])('%j is refused', (query, param) => {
    expect(() => encodeModelList(models, query)).toThrow(expect.objectContaining({ kind: 'invalid-request', param }))
  })

  it('one model', () => {
    expect(encodeModel({ id: 'a', displayName: 'A' })).toEqual({
      type: 'model',
      id: 'a',
      display_name: 'A',
      created_at: '1970-01-01T00:00:00Z',
      max_input_tokens: null,
      max_tokens: null,
    })
    const full = {
      id: 'a',
      displayName: 'A',
      createdAt: 1_760_000_000_000,
      contextWindow: 200_000,
      maxOutputTokens: 64_000,
    }
    expect(encodeModel(full)).toMatchObject({
      created_at: '2025-10-09T08:53:20Z',
      max_input_tokens: 200_000,
      max_tokens: 64_000,
    })
  })
})
