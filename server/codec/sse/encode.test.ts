import { describe, expect, it } from 'vitest'
import { createSseDecoder, sseComment, sseData, sseEvent } from './index.ts'

describe('server/codec/sse/encode', () => {
  it('writes named and nameless events and comments', () => {
    expect(sseEvent('ping', '{"type":"ping"}')).toBe('event: ping\ndata: {"type":"ping"}\n\n')
    expect(sseData('[DONE]')).toBe('data: [DONE]\n\n')
    expect(sseComment('still\nthere')).toBe(': still there\n\n')
  })

  it.each(['', ' leading space', 'a\nb', 'a\r\nb', '\n', 'a\n\nb', '{\n  "a": 1\n}', 'event: x'])(
    'carries %j',
    (data) => {
      const decoder = createSseDecoder()
      const expected = data.replaceAll('\r\n', '\n')
      expect(decoder.decode(Buffer.from(sseEvent('e', data) + sseData(data)))).toEqual([
        { event: 'e', data: expected },
        { event: undefined, data: expected },
      ])
    },
  )
})
