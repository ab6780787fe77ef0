import { describe, expect, it } from 'vitest'
import vectors from '../../../tests/fixtures/event-stream/vectors.json' with { type: 'json' }
import { createEventStreamDecoder, encodeEventStreamMessage } from './index.ts'

describe('server/codec/event-stream/encoder', () => {
  it.each(vectors)('encodes the vector byte for byte: $name', (vector) => {
    const headers = vector.headers.map(([name, value]): [string, string] => [name!, value!])
    expect(Buffer.from(encodeEventStreamMessage({ headers, payload: vector.payload })).toString('hex')).toBe(vector.hex)
    const payload = Buffer.from(vector.payload)
    const fromMap = encodeEventStreamMessage({ headers: new Map(headers), payload })
    expect(Buffer.from(fromMap).toString('hex')).toBe(vector.hex)
  })

  it('needs no payload', () => {
    const [message] = createEventStreamDecoder().decode(encodeEventStreamMessage({ headers: [['h', 'v']] }))
    expect(message?.payload).toHaveLength(0)
    expect(message?.headers).toEqual(new Map([['h', { type: 'string', value: 'v' }]]))
  })
})
