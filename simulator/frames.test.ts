import { EventStreamCodec } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import { describe, expect, it } from 'vitest'
import { corrupt } from './corrupt.ts'
import { encodeFrame, fragments, frameCharacters, toolFrames } from './frames.ts'

const codec = new EventStreamCodec(toUtf8, fromUtf8)

describe('frames', () => {
  it('makes the frames of the protocol document, byte for byte', () => {
    const event = encodeFrame({ event: 'assistantResponseEvent', payload: { content: 'Hi' } })
    expect(Buffer.from(event).toString('hex')).toBe(
      '0000007c0000005c3bddcf780b3a6576656e742d74797065070016617373697374616e74526573706f6e73654576656e740d3a636f6e' +
        '74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d747970650700056576656e747b2263' +
        '6f6e74656e74223a224869227db02babdc',
    )
    const exception = encodeFrame({ exception: 'ThrottlingException', payload: { message: 'slow' } })
    expect(Buffer.from(exception).toString('hex')).toBe(
      '0000008300000061a9d144e50f3a657863657074696f6e2d747970650700135468726f74746c696e67457863657074696f6e0d3a636f' +
        '6e74656e742d747970650700106170706c69636174696f6e2f6a736f6e0d3a6d6573736167652d7479706507000965786365707469' +
        '6f6e7b226d657373616765223a22736c6f77227d7224f209',
    )
  })

  it("is read back by AWS's decoder", () => {
    const { headers, body } = codec.decode(encodeFrame({ errorCode: 'Failed', errorMessage: 'why' }))
    expect(headers[':message-type']?.value).toBe('error')
    expect(headers[':error-message']?.value).toBe('why')
    expect(body).toHaveLength(0)
  })

  it.each(['corrupt-crc', 'corrupt-prelude', 'lying-length'] as const)('makes a frame that is refused: %s', (kind) => {
    const frame = encodeFrame({ event: 'assistantResponseEvent', payload: { content: 'Hi' } })
    expect(() => codec.decode(corrupt(frame, kind))).toThrow(Error)
    expect(() => codec.decode(frame)).not.toThrow()
  })

  it('never cuts a character in two', () => {
    const text = 'a🎉b👩‍💻c'
    for (const size of [1, 2, 3, 5]) {
      const parts = fragments(text, size)
      expect(parts.join('')).toBe(text)
      expect(parts.every((part) => part.isWellFormed())).toBe(true)
    }
  })

  it('streams a tool use with its name first and stop last', () => {
    const frames = [...toolFrames({ id: 't1', name: 'Read', input: '{"file_path":"/tmp/a"}' }, { size: 10 })]
    expect(frames.at(0)).toEqual({ event: 'toolUseEvent', payload: { toolUseId: 't1', name: 'Read' } })
    expect(frames.at(-1)).toEqual({ event: 'toolUseEvent', payload: { toolUseId: 't1', name: 'Read', stop: true } })
    expect(frames.reduce((sum, frame) => sum + frameCharacters(frame), 0)).toBe(22)
  })
})
