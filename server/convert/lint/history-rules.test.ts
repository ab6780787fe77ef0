import { describe, expect, it } from 'vitest'
import {
  assistant,
  call,
  contents,
  currentResults,
  encode,
  type LintCase,
  result,
  runCase,
  text,
  tool,
  user,
} from '../../../tests/support/amazon-q/lint-case.ts'
import type { historyRules } from './history-rules.ts'

type RepairRule = Exclude<(typeof historyRules)[number]['name'], 'history-length'>

const tools = [tool('Bash')]

const cases: Record<RepairRule, LintCase> = {
  alternation: {
    request: { messages: [user(text('One')), user(text('Two'))] },
    where: 'messages.1',
    body: (body) => expect(contents(body)).toEqual(['One\n\nTwo']),
  },
  'first-message-user': {
    request: { messages: [assistant(text('Hi')), user(text('Hello'))] },
    where: 'messages.0',
    body: (body) => expect(contents(body).slice(1)).toEqual(['Hi', 'Hello']),
  },
  'trailing-assistant': {
    request: { messages: [user(text('Write JSON')), assistant(text('{"a":'))] },
    where: 'messages.1',
    body: (body) => expect(contents(body)).toEqual(['Write JSON', '{"a":', expect.stringContaining('Continue')]),
  },
  'empty-content': {
    request: { messages: [user(text('One')), assistant(text('')), user(text('Two'))] },
    where: 'messages.1.content.0',
    body: (body) => expect(contents(body)).toEqual(['One\n\nTwo']),
  },
  'whitespace-content': {
    request: { messages: [user(text(' \n\t'))] },
    where: 'messages.0.content.0',
    body: (body) => expect(contents(body)).toEqual(['(This message was empty.)']),
  },
  'tool-result-missing': {
    request: {
      tools,
      messages: [user(text('Go')), assistant(call('t1'), call('t2')), user(result('t2'), text('Stop'))],
    },
    where: 'messages.1',
    body: (body) =>
      expect(currentResults(body)).toEqual([
        { toolUseId: 't1', status: 'error', content: [{ text: expect.stringContaining('not finished') }] },
        { toolUseId: 't2', status: 'success', content: [{ text: 'done' }] },
      ]),
  },
  'tool-result-moved': {
    request: {
      tools,
      messages: [
        user(text('Go')),
        assistant(call('t1')),
        user(text('Wait')),
        assistant(text('Yes')),
        user(result('t1')),
      ],
    },
    where: 'messages.4',
    body: (body) => {
      expect(currentResults(body)).toEqual([])
      expect(contents(body).at(-1)).toContain('shown with its call')
    },
  },
  'tool-result-order': {
    request: {
      tools,
      messages: [user(text('Go')), assistant(call('t1'), call('t2')), user(result('t2'), result('t1'))],
    },
    where: 'messages.2',
    body: (body) => expect(currentResults(body).map((entry) => entry.toolUseId)).toEqual(['t1', 't2']),
  },
  'tool-result-orphan': {
    request: { tools, messages: [user(result('gone', 'the output'), text('And now?'))] },
    where: 'messages.0',
    body: (body) => {
      expect(currentResults(body)).toEqual([])
      expect(contents(body)[0]).toMatch(/no longer part of this conversation\)\nthe output\n\nAnd now\?$/)
    },
  },
  'tool-result-duplicate': {
    request: {
      tools,
      messages: [user(text('Go')), assistant(call('t1')), user(result('t1', 'first'), result('t1', 'second'))],
    },
    where: 'messages.2',
    body: (body) => expect(currentResults(body).map((entry) => entry.content)).toEqual([[{ text: 'first' }]]),
  },
  'tool-use-id-form': {
    request: { tools, messages: [user(text('Go')), assistant(call('call|fc_1:x.y')), user(result('call|fc_1:x.y'))] },
    where: 'messages.1',
    body: (body) => expect(currentResults(body)[0]?.toolUseId).toMatch(/^call_fc_1_x_y_[0-9a-f]{8}$/),
  },
  'tool-use-id-duplicate': {
    request: {
      tools,
      messages: [
        user(text('Go')),
        assistant(call('t1')),
        user(result('t1', 'first')),
        assistant(call('t1')),
        user(result('t1', 'second')),
      ],
    },
    where: 'messages.3',
    body: (body) => {
      expect(currentResults(body)[0]?.content).toEqual([{ text: 'second' }])
      expect(currentResults(body)[0]?.toolUseId).not.toBe('t1')
    },
  },
}

describe('history-rules', () => {
  it.each(Object.entries(cases))('%s', (rule, lintCase) => {
    const { body, repairs, faults } = runCase(lintCase)
    expect(repairs).toContainEqual(expect.objectContaining({ rule, where: lintCase.where }))
    expect(faults).toEqual([])
    lintCase.body?.(body)
  })

  it('history-length refuses a history that the service can not take', () => {
    const messages = Array.from({ length: 10_001 }, (_, index) => (index % 2 === 0 ? user : assistant)(text('x')))
    expect(() => encode({ messages })).toThrowError(
      expect.objectContaining({ kind: 'prompt-too-long', message: expect.stringMatching(/10001.*history-length/u) }),
    )
  })

  it('leaves a well-formed conversation alone', () => {
    const messages = [user(text('Go')), assistant(text('Ok'), call('t1')), user(result('t1'))]
    expect(encode({ tools, messages }).repairs).toEqual([])
  })
})
