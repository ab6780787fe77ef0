import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkAmazonQBody } from '../../../../tests/support/amazon-q/check-request.ts'
import {
  assistant,
  call,
  contents,
  currentResults,
  declared,
  encode,
  image,
  result,
  text,
  tool,
  user,
} from '../../../../tests/support/amazon-q/lint-case.ts'
import type { Message, TextBlock } from '../../../canonical/request.ts'
import { decodeMessagesRequest } from '../../client/anthropic/decode-request.ts'
import { encodeAmazonQRequest } from './encode-request.ts'

const system: readonly TextBlock[] = [
  { type: 'text', text: 'You are careful.' },
  { type: 'text', text: 'Be brief.' },
]

function systemMessage(value: string): Message {
  return { role: 'system', content: [text(value)] }
}

describe('encode-request', () => {
  it('gives exactly the members that the service models', () => {
    const { body, repairs } = encode(
      {
        system,
        tools: [tool('Bash')],
        messages: [user(text('List')), assistant(text('I look.'), call('t1')), user(result('t1'), text('Well?'))],
      },
      { profileArn: 'arn:p', includeAgentTaskType: true },
    )
    const model = { modelId: 'claude-sonnet-4.5', origin: 'AI_EDITOR' }
    expect(body).toEqual({
      conversationState: {
        conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
        agentTaskType: 'vibe',
        chatTriggerType: 'MANUAL',
        history: [
          { userInputMessage: { content: 'You are careful.\n\nBe brief.', ...model } },
          { assistantResponseMessage: { content: 'Understood. I will work by these instructions.' } },
          { userInputMessage: { content: 'List', ...model } },
          {
            assistantResponseMessage: {
              content: 'I look.',
              toolUses: [{ toolUseId: 't1', name: 'Bash', input: {} }],
            },
          },
        ],
        currentMessage: {
          userInputMessage: {
            content: 'Well?',
            ...model,
            userInputMessageContext: {
              toolResults: [{ toolUseId: 't1', status: 'success', content: [{ text: 'done' }] }],
              tools: [
                {
                  toolSpecification: {
                    name: 'Bash',
                    description: 'Runs a command.',
                    inputSchema: { json: { type: 'object', properties: {} } },
                  },
                },
              ],
            },
          },
        },
      },
      profileArn: 'arn:p',
    })
    expect(repairs).toEqual([])
  })

  it('leaves out everything that is empty', () => {
    expect(JSON.stringify(encode({}, { origin: 'CLI' }).body)).toBe(
      '{"conversationState":{"conversationId":"5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11","chatTriggerType":"MANUAL",' +
        '"currentMessage":{"userInputMessage":{"content":"Hello","modelId":"claude-sonnet-4.5","origin":"CLI"}}}}',
    )
  })

  it('names the model in the history for the editor, not for the command line', () => {
    const models = (origin: 'AI_EDITOR' | 'KIRO_CLI') =>
      encode({ system }, { origin }).body.conversationState.history?.map((entry) =>
        'userInputMessage' in entry ? entry.userInputMessage.modelId : '-',
      )
    expect(models('AI_EDITOR')).toEqual(['claude-sonnet-4.5', '-'])
    expect(models('KIRO_CLI')).toEqual([undefined, '-'])
  })

  it('folds system messages into the user turn where they stand', () => {
    const { body, repairs } = encode({
      tools: [tool('Bash')],
      messages: [
        user(text('Go')),
        systemMessage('Note one'),
        assistant(call('t1')),
        systemMessage('Note two'),
        user(result('t1')),
        systemMessage('<system-reminder>Note three</system-reminder>'),
      ],
    })
    expect(contents(body)).toEqual([
      'Go\n\n<system-reminder>\nNote one\n</system-reminder>',
      ' ',
      '<system-reminder>\nNote two\n</system-reminder>\n\n<system-reminder>Note three</system-reminder>',
    ])
    expect(currentResults(body)).toHaveLength(1)
    expect(repairs).toEqual([])
  })

  it('hoists the images of tool results, with a note in the result', () => {
    const block = { type: 'tool-result' as const, toolUseId: 't1', isError: false }
    const { body, repairs } = encode({
      tools: [tool('Read')],
      messages: [
        user(text('Go')),
        assistant(call('t1', 'Read')),
        user({ ...block, content: [{ type: 'text', text: 'before' }, image('QQ==', 'image/jpeg')] }),
      ],
    })
    expect(body.conversationState.currentMessage.userInputMessage.images).toEqual([
      { format: 'jpeg', source: { bytes: 'QQ==' } },
    ])
    expect(currentResults(body)[0]?.content).toEqual([
      { text: 'before' },
      { text: '(This result includes an image. It is image 1 attached to this message.)' },
    ])
    expect(repairs).toEqual([])
  })

  it('inlines text documents', () => {
    const data = Buffer.from('a,b\n1,2').toString('base64')
    const source = { type: 'base64' as const, mediaType: 'text/csv; charset=utf-8', data }
    const { body, repairs } = encode({ messages: [user({ type: 'document', title: 'T', source })] })
    expect(contents(body)).toEqual(['<document title="T">\na,b\n1,2\n</document>'])
    expect(repairs).toEqual([])
  })

  it('keeps the prefix of a conversation the same from turn to turn', () => {
    const shared = { system, tools: [tool('Bash')], toolChoice: { type: 'any' as const } }
    const messages = [user(text('One')), assistant(text('Two')), user(text('Three')), assistant(text('Four'))]
    const first = encode({ ...shared, messages: messages.slice(0, 3) }).body.conversationState
    const second = encode({ ...shared, messages: [...messages, user(text('Five'))] }).body.conversationState
    expect(second.history?.slice(0, 4)).toEqual(first.history)
  })

  it('marks the cacheable prefix only where the model supports it', () => {
    const request = { system, messages: [user(text('One')), assistant(text('Two')), user(text('Three'))] }
    const points = (supportsPromptCaching: boolean, cachePoints: boolean) => {
      const { body } = encode(request, { cachePoints, modelInfo: { supportsPromptCaching } })
      return body.conversationState.history?.map((entry) => JSON.stringify(entry).includes('"cachePoint"'))
    }
    expect(points(true, true)).toEqual([true, false, false, true])
    expect(points(false, true)).toEqual([false, false, false, false])
    expect(points(true, false)).toEqual([false, false, false, false])
  })

  it('passes the limit of output tokens only where the schema of the model lists it', () => {
    const fields = (requestFieldsSchema: object) =>
      encode(
        { sampling: { maxOutputTokens: 100_000 } },
        { modelInfo: { requestFieldsSchema: requestFieldsSchema as never } },
      ).body.additionalModelRequestFields
    expect(fields({ properties: { max_tokens: { minimum: 1_024, maximum: 64_000 } } })).toEqual({ max_tokens: 64_000 })
    expect(fields({ properties: {} })).toBeUndefined()
  })

  it('tells the decoder what it must know', () => {
    const { stopSequences, declaredTools, reasoning, cutToolNotes } = encode({
      tools: [tool('Bash')],
      sampling: { stopSequences: ['', 'END'] },
    })
    expect({ stopSequences, declaredTools, reasoning, cutToolNotes }).toEqual({
      stopSequences: ['END'],
      declaredTools: new Set(['Bash']),
      reasoning: 'none',
      cutToolNotes: 0,
    })
  })

  it('lists at most three places of one rule', () => {
    const tools = Array.from({ length: 50 }, (_, index) => tool(`t${index}`, { description: '' }))
    const { repairs } = encode({ tools })
    expect(repairs).toHaveLength(3)
    expect(repairs[2]?.detail).toBe('and in 47 more places')
  })
})

describe('encode-request, what Claude Code really sends', () => {
  const folder = new URL('../../../../tests/fixtures/clients/', import.meta.url)
  const names = readdirSync(folder).filter((name) => name.startsWith('claude-code-'))

  it.each(names)('%s', (name) => {
    const { body, headers } = JSON.parse(readFileSync(new URL(name, folder), 'utf8'))
    const request = decodeMessagesRequest(body, headers)
    const encoded = encodeAmazonQRequest(request, {
      conversationId: 'c',
      origin: 'AI_EDITOR',
      cachePoints: true,
      includeAgentTaskType: true,
      modelInfo: { supportsPromptCaching: true },
    })
    expect(checkAmazonQBody(encoded.body)).toEqual([])
    expect(declared(encoded.body).length).toBeGreaterThanOrEqual(request.tools.filter((entry) => !entry.server).length)
    expect(encoded.repairs.map(({ rule }) => rule)).not.toContain('empty-content')
  })
})
