import { describe, expect, it } from 'vitest'
import { createSseDecoder, SseError, type SseEvent } from './index.ts'

function readAll(chunks: Iterable<Uint8Array>): SseEvent[] {
  const decoder = createSseDecoder()
  const events = [...chunks].flatMap((chunk) => decoder.decode(chunk))
  return [...events, ...decoder.end()]
}

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof SseError ? error.code : String(error)
  }
  return 'no error'
}

const STREAMS: readonly (readonly [what: string, text: string, events: readonly SseEvent[]])[] = [
  ['nothing', '', []],
  [
    'named events',
    'event: a\ndata: 1\n\nevent: b\ndata: 2\n\n',
    [
      { event: 'a', data: '1' },
      { event: 'b', data: '2' },
    ],
  ],
  [
    'CRLF',
    'data: 1\r\n\r\ndata: 2\r\n\r\n',
    [
      { event: undefined, data: '1' },
      { event: undefined, data: '2' },
    ],
  ],
  [
    'CR',
    'data: 1\r\rdata: 2\r\r',
    [
      { event: undefined, data: '1' },
      { event: undefined, data: '2' },
    ],
  ],
  ['several data lines', 'data: {\ndata: }\n\n', [{ event: undefined, data: '{\n}' }]],
  ['characters of two to four bytes', 'data: é 世 🙂\n\n', [{ event: undefined, data: 'é 世 🙂' }]],
  [
    'comments, unknown fields, retry and a mark',
    '\ufeff: hi\nfoo: x\nretry: 5\ndata:1\n\n',
    [{ event: undefined, data: '1' }],
  ],
  ['an event without data', 'event: a\n\ndata: 1\n\n', [{ event: undefined, data: '1' }]],
  ['a page that is no stream', '<html>\n<p>502</p>\n</html>\n', []],
  [
    'a missing last blank line',
    'data: 1\n\ndata: [DONE]\n',
    [
      { event: undefined, data: '1' },
      { event: undefined, data: '[DONE]' },
    ],
  ],
]

describe('server/codec/sse/decode', () => {
  it.each(STREAMS)('reads %s, however it is cut', (_what, text, events) => {
    const bytes = Buffer.from(text)
    expect(readAll([bytes])).toEqual(events)
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(events)
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(readAll([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(events)
    }
  })

  it('fails when the bytes end inside a line or a character, and stays failed', () => {
    for (const bytes of [Buffer.from('data: {"a'), Buffer.from('data: 1\n\ndata: é\n').subarray(0, -2)]) {
      const decoder = createSseDecoder()
      decoder.decode(bytes)
      expect(codeOf(() => decoder.end())).toBe('truncated')
      expect(codeOf(() => decoder.decode(Buffer.from('\n')))).toBe('truncated')
    }
  })

  it.each([
    ['a line without end', () => Array.from({ length: 50 }, () => 'data: xxxxx')],
    ['lines without end', () => Array.from({ length: 60 }, () => 'data: x\n')],
    ['one large event', () => [`data: ${'x'.repeat(101)}\n\n`]],
    ['a name without end', () => ['event: ', ...Array.from({ length: 50 }, () => 'yyyyy')]],
  ])('fails at %s', (_what, texts) => {
    const decoder = createSseDecoder({ maxEventLength: 100 })
    expect(decoder.decode(Buffer.from(`data: ${'x'.repeat(100)}\n\n`))).toHaveLength(1)
    expect(codeOf(() => texts().forEach((text) => decoder.decode(Buffer.from(text))))).toBe('event-too-large')
    expect(codeOf(() => decoder.decode(Buffer.from('data: 1\n\n')))).toBe('event-too-large')
    expect(codeOf(() => decoder.end())).toBe('event-too-large')
  })

  it('hands out the events before one that is too large', () => {
    const decoder = createSseDecoder({ maxEventLength: 10 })
    const bytes = Buffer.from(`data: 1\n\ndata: ${'x'.repeat(11)}\n\ndata: 2\n\n`)
    expect(decoder.decode(bytes)).toEqual([{ event: undefined, data: '1' }])
    expect(codeOf(() => decoder.end())).toBe('event-too-large')
  })

  it('replaces what is no UTF-8', () => {
    expect(readAll([Buffer.concat([Buffer.from('data: a'), Buffer.of(0xff), Buffer.from('b\n\n')])])).toEqual([
      { event: undefined, data: 'a\ufffdb' },
    ])
  })
})
