import { describe, expect, it } from 'vitest'
import { StopSequences } from './stop-sequences.ts'

function run(sequences: readonly string[], pieces: readonly string[]): { text: string; matched: string | undefined } {
  const stops = new StopSequences(sequences)
  let text = ''
  for (const piece of pieces) text += stops.push(piece)
  return { text: text + stops.flush(), matched: stops.matched }
}

describe('stop-sequences', () => {
  it.each([
    { sequences: ['END'], text: 'one END two', before: 'one ', matched: 'END' },
    { sequences: ['aab'], text: 'aaaab', before: 'aa', matched: 'aab' },
    { sequences: ['abc', 'b'], text: 'xabc', before: 'xa', matched: 'b' },
    { sequences: ['b', 'ab'], text: 'xab', before: 'x', matched: 'ab' },
    { sequences: ['\n\nHuman:'], text: 'a\n\nHum', before: 'a\n\nHum', matched: undefined },
    { sequences: ['x'], text: '', before: '', matched: undefined },
  ])('$sequences in $text, split anywhere', ({ sequences, text, before, matched }) => {
    expect(run(sequences, [text])).toEqual({ text: before, matched })
    expect(run(sequences, text.split(''))).toEqual({ text: before, matched })
    for (let at = 0; at <= text.length; at += 1) {
      expect(run(sequences, [text.slice(0, at), text.slice(at)])).toEqual({ text: before, matched })
    }
  })
})
