import { describe, expect, it } from 'vitest'
import { decodeAnswer, event, outline, say, tail, use } from '../../../../tests/support/amazon-q/stream-script.ts'
import { requestWith, assistant, user, text } from '../../../../tests/support/amazon-q/lint-case.ts'
import { countCutToolNotes, cutToolNote } from './cut-tool-note.ts'

const half = use({ toolUseId: 't1', name: 'Write', input: '{"content":"abc' })
const note = cutToolNote('Write', 15)

describe('decode-stream, tool calls that are cut off', () => {
  it.each([
    { name: 'the stream ends inside', messages: [half] },
    { name: 'the stream ends inside, with its tail', messages: [half, ...tail] },
    { name: 'a stop mark after half the input', messages: [half, use({ toolUseId: 't1', stop: true }), ...tail] },
    { name: 'the length exception', messages: [half, event('ContentLengthExceededException', {}, 'exception')] },
  ])('$name: a note instead of half JSON', ({ messages }) => {
    expect(outline(decodeAnswer(messages))).toEqual([`text ${note}`, 'finish max-tokens'])
  })

  it('the input is JSON but no object', () => {
    const messages = [use({ toolUseId: 't1', name: 'Write', input: '[1]', stop: true }), ...tail]
    expect(outline(decodeAnswer(messages))).toEqual([`text ${cutToolNote('Write', 3)}`, 'finish max-tokens'])
  })

  it('with another call whole: its result comes next, so the turn goes on', () => {
    const messages = [use({ toolUseId: 't0', name: 'Bash', input: '{}', stop: true }), half]
    expect(outline(decodeAnswer(messages))).toEqual(['tool t0 Bash {}', `text ${note}`, 'finish tool-use'])
  })

  it('ends the turn once the model was told twice', () => {
    expect(outline(decodeAnswer([half], { cutToolNotes: 1 })).at(-1)).toBe('finish max-tokens')
    expect(outline(decodeAnswer([half], { cutToolNotes: 2 })).at(-1)).toBe('finish end-turn')
  })

  it('counts the notes of the latest assistant messages only', () => {
    const told = assistant(text(`I write.\n\n${note}`))
    const recent = requestWith({ messages: [user(text('Go')), told, user(text('Resume')), told, user(text(note))] })
    expect(countCutToolNotes(recent)).toBe(2)
    const later = Array.from({ length: 12 }, () => user(text('On')))
    expect(countCutToolNotes(requestWith({ messages: [...recent.messages, ...later] }))).toBe(0)
  })
})

describe('decode-stream, failures', () => {
  it.each([
    { name: 'no frames', messages: [], kind: 'empty-response' },
    { name: 'a tail and nothing else', messages: tail, kind: 'empty-response' },
    {
      name: 'nothing fits into the window',
      messages: [event('contextUsageEvent', { contextUsagePercentage: 101 })],
      kind: 'prompt-too-long',
    },
    { name: 'text without a tail', messages: [say('Hello')], kind: 'upstream-invalid' },
    {
      name: 'the length exception first',
      messages: [event('ContentLengthExceededException', {}, 'exception')],
      kind: 'prompt-too-long',
    },
    {
      name: 'an exception first',
      messages: [event('ThrottlingException', { message: 'slow' }, 'exception')],
      kind: 'rate-limited',
    },
    {
      name: 'an exception after text',
      messages: [say('a'), event('InternalServerException', { message: 'm' }, 'exception')],
      kind: 'upstream-error',
    },
    {
      name: 'an exception that only says error',
      messages: [event('error', { __type: 'x#ThrottlingException', message: 'm' }, 'exception')],
      kind: 'rate-limited',
    },
    {
      name: 'an error message',
      messages: [{ ...event('InternalFailure', '', 'error'), errorMessage: 'It broke.' }],
      kind: 'upstream-error',
    },
    {
      name: 'an invalid state',
      messages: [event('invalidStateEvent', { reason: 'R', message: 'm' })],
      kind: 'upstream-error',
    },
    {
      name: 'text that is no JSON',
      messages: [event('assistantResponseEvent', '{"content":')],
      kind: 'upstream-invalid',
    },
    { name: 'a tool call that is no object', messages: [event('toolUseEvent', '[]')], kind: 'upstream-invalid' },
    {
      name: 'endless tool calls',
      messages: Array.from({ length: 1_001 }, (_, index) => use({ toolUseId: `t${index}`, name: 'Bash', stop: true })),
      kind: 'upstream-invalid',
    },
  ])('$name: $kind', ({ messages, kind }) => {
    expect(() => decodeAnswer(messages)).toThrowError(
      expect.objectContaining({ name: 'ProxyError', kind, message: expect.stringMatching(/\.$|"$/u) }),
    )
  })

  it('quotes the message of an error frame', () => {
    const messages = [{ ...event('InternalFailure', '', 'error'), errorMessage: 'It broke.' }]
    expect(() => decodeAnswer(messages)).toThrowError(/"It broke\."/u)
  })
})
