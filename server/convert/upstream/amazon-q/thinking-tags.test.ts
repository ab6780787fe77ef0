import { describe, expect, it } from 'vitest'
import { decodeAnswer, outline, say, tail, use } from '../../../../tests/support/amazon-q/stream-script.ts'

const scripts: readonly { readonly name: string; readonly text: string; readonly lines: readonly string[] }[] = [
  { name: 'no tags', text: 'Hello <b>you</b>', lines: ['text Hello <b>you</b>'] },
  { name: 'the usual form', text: '<thinking>\nHm.\n</thinking>\n\nYes.', lines: ['reasoning Hm.', 'text Yes.'] },
  { name: 'white space before', text: ' \n<thinking>Hm.</thinking>\n\nYes.', lines: ['reasoning Hm.', 'text Yes.'] },
  { name: 'white space and no tag', text: ' \n <thank you', lines: ['text  \n <thank you'] },
  { name: 'carriage returns', text: '<thinking>Hm.\r\n</thinking>\r\n\r\nYes.', lines: ['reasoning Hm.', 'text Yes.'] },
  { name: 'closed at the end', text: '<thinking>Hm.</thinking>\n ', lines: ['reasoning Hm.'] },
  { name: 'never closed', text: '<thinking>Hm.\n\nStill', lines: ['reasoning Hm.\n\nStill'] },
  { name: 'half a closing tag at the end', text: '<thinking>Hm.</think', lines: ['reasoning Hm.</think'] },
  {
    name: 'a closing tag inside a sentence',
    text: '<thinking>Use </thinking> with care.\n</thinking>\n\nYes.',
    lines: ['reasoning Use </thinking> with care.', 'text Yes.'],
  },
  {
    name: 'a quoted closing tag before a blank line',
    text: '<thinking>It ends with `</thinking>\n\nor so.</thinking>\n\nYes.',
    lines: ['reasoning It ends with `</thinking>\n\nor so.', 'text Yes.'],
  },
  {
    name: 'an opening tag inside a line',
    text: 'Say <thinking>x</thinking>\n\n',
    lines: ['text Say <thinking>x</thinking>\n\n'],
  },
  {
    name: 'an opening tag on a later line',
    text: 'First.\n<thinking>Hm.</thinking>\n\nThen.',
    lines: ['text First.\n', 'reasoning Hm.', 'text Then.'],
  },
  {
    name: 'a tag in a code fence and in back-ticks',
    text: '```\n<thinking>\n```\n`<thinking>`\n<thinkin',
    lines: ['text ```\n<thinking>\n```\n`<thinking>`\n<thinkin'],
  },
  {
    name: 'two blocks one after the other',
    text: '<thinking>a</thinking>\n\n<thinking>b</thinking>\n\nc',
    lines: ['reasoning a', 'reasoning b', 'text c'],
  },
  { name: 'nothing thought', text: '<thinking></thinking>\n\nYes.', lines: ['text Yes.'] },
  {
    name: 'many line ends',
    text: `<thinking>a${'\n'.repeat(200)}b</thinking>\n\nc`,
    lines: [`reasoning a${'\n'.repeat(200)}b`, 'text c'],
  },
]

describe('thinking-tags', () => {
  it.each(scripts)('$name: the same in one piece, in single characters and split anywhere', ({ text, lines }) => {
    const expected = [...lines, 'finish end-turn']
    const decode = (pieces: readonly string[]) =>
      outline(decodeAnswer([...pieces.map((piece) => say(piece)), ...tail], { reasoning: 'tags' }))
    expect(decode([text])).toEqual(expected)
    expect(decode(text.split(''))).toEqual(expected)
    for (let first = 1; first < text.length; first += 1) {
      expect(decode([text.slice(0, first), text.slice(first)])).toEqual(expected)
      const second = Math.min(first + 3, text.length)
      expect(decode([text.slice(0, first), text.slice(first, second), text.slice(second)])).toEqual(expected)
    }
  })

  it('a tool call ends the thinking that has its closing tag', () => {
    const messages = [say('<thinking>Hm.</thinking>'), use({ toolUseId: 't1', name: 'Bash', stop: true }), ...tail]
    expect(outline(decodeAnswer(messages, { reasoning: 'tags' }))).toEqual([
      'reasoning Hm.',
      'tool t1 Bash {}',
      'finish tool-use',
    ])
  })

  it('tags are text for models that think natively', () => {
    expect(outline(decodeAnswer([say('<thinking>x</thinking>\n\ny'), ...tail], { reasoning: 'native' }))[0]).toMatch(
      /^text /u,
    )
  })

  it('text that can begin no tag goes out with its own frame', () => {
    const events = decodeAnswer([say('Hello'), say(' there <b'), ...tail], { reasoning: 'tags' })
    expect(events.filter((item) => item.type === 'text-delta').map((item) => item.text)).toEqual(['Hello', ' there <b'])
  })

  it('stop sequences apply to the text, not to the thinking', () => {
    const text = '<thinking>STOP</thinking>\n\nYes STOP no'
    for (let first = 1; first < text.length; first += 1) {
      const messages = [say(text.slice(0, first)), say(text.slice(first))]
      expect(outline(decodeAnswer(messages, { reasoning: 'tags', stopSequences: ['STOP', 'Yesss'] }))).toEqual([
        'reasoning STOP',
        'text Yes ',
        'finish stop-sequence STOP',
      ])
    }
  })
})
