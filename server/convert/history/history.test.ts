import { describe, expect, it } from 'vitest'
import { assistant, call, image, result, text, user } from '../../../tests/support/amazon-q/lint-case.ts'
import type { Message, Opaque, ReasoningBlock } from '../../canonical/request.ts'
import { createRepairLog } from '../lint/repair-log.ts'
import { endWithUser, startWithUser } from './boundaries.ts'
import { pairToolCalls } from './pair-tool-calls.ts'
import { keepReplayableReasoning, type ReasoningPolicy } from './reasoning.ts'
import { shortHash } from './short-hash.ts'
import { isValidToolUseId, toolUseIdOf } from './tool-use-ids.ts'
import { toTurns, type Turn } from './turns.ts'

function outline(turns: readonly Turn[]): string[] {
  return turns.map(({ role, blocks }) => {
    const parts = blocks.map(({ block }) => {
      if (block.type === 'tool-use') return `call ${block.id}`
      if (block.type === 'tool-result') return `${block.isError ? 'error' : 'result'} ${block.toolUseId}`
      return block.type === 'text' ? block.text : block.type
    })
    return `${role}: ${parts.join(' + ')}`
  })
}

function repaired(messages: readonly Message[]): { readonly turns: string[]; readonly rules: string[] } {
  const log = createRepairLog()
  const turns = toTurns(messages, log)
  startWithUser(turns, log)
  pairToolCalls(turns, log)
  endWithUser(turns, log)
  return { turns: outline(turns), rules: log.list().map(({ rule }) => rule) }
}

describe('pair-tool-calls', () => {
  it('answers calls that end the conversation', () => {
    expect(repaired([user(text('a')), assistant(call('t1'), call('t2'))])).toEqual({
      turns: ['user: a', 'assistant: call t1 + call t2', 'user: error t1 + error t2'],
      rules: ['tool-result-missing', 'tool-result-missing'],
    })
  })

  it('pairs calls with the same id in order, within a turn and over turns', () => {
    const { turns, rules } = repaired([
      user(text('a')),
      assistant(call('t'), call('t')),
      user(result('t', 'one'), result('t', 'two')),
      assistant(call('t')),
      user(result('t', 'three')),
    ])
    const ids = turns.flatMap((turn) => [...turn.matchAll(/(?:call|result) (\S+)/gu)].map(([, id]) => id))
    expect(ids.slice(0, 2)).toEqual(ids.slice(2, 4))
    expect(ids[4]).toBe(ids[5])
    expect(new Set(ids).size).toBe(3)
    expect(rules).toEqual(['tool-use-id-duplicate', 'tool-use-id-duplicate'])
  })

  it('gives a result to the latest of the calls with its id', () => {
    const { turns } = repaired([
      user(text('a')),
      assistant(call('t')),
      user(text('b')),
      assistant(call('t')),
      user(result('t')),
    ])
    expect(turns[2]).toBe('user: error t + b')
    expect(turns[4]).toMatch(/^user: result t_[0-9a-f]{8}$/u)
  })

  it('takes a result before its call for an orphan', () => {
    const { turns } = repaired([user(result('t1', 'x')), assistant(call('t1')), user(text('b'))])
    expect(turns[0]).toMatch(/^user: \(Result of a tool call/u)
    expect(turns[2]).toBe('user: error t1 + b')
  })

  it('moves late results to their calls and keeps the rest in place', () => {
    const { turns, rules } = repaired([
      user(text('a')),
      assistant(call('t1'), call('t2')),
      user(result('t1'), text('b')),
      assistant(text('c')),
      user(result('t2'), image(), text('d')),
    ])
    expect(turns.slice(2)).toEqual(['user: result t1 + result t2 + b', 'assistant: c', 'user: image + d'])
    expect(rules).toEqual(['tool-result-moved'])
  })

  it('stays fast for a history that is all one id', () => {
    const count = 20_000
    const messages = [
      user(text('a')),
      assistant(...Array.from({ length: count }, () => call('t'))),
      user(...Array.from({ length: count }, () => result('t'))),
    ]
    const started = performance.now()
    repaired(messages)
    expect(performance.now() - started).toBeLessThan(2_000)
  })
})

describe('turns', () => {
  it('gives back no turn for messages without content', () => {
    expect(toTurns([user(), assistant(text(' ')), user(text(''))], createRepairLog())).toEqual([])
  })

  it('does not call the folding of system messages a repair', () => {
    const log = createRepairLog()
    const system: Message = { role: 'system', content: [text('s')] as never }
    expect(outline(toTurns([system, user(text('a')), system, assistant(text('b')), system], log))).toHaveLength(3)
    expect(log.list()).toEqual([])
  })
})

describe('reasoning', () => {
  const own: Opaque = { origin: { upstream: 'gemini', model: 'm' }, value: 's' }
  const foreign: Opaque = { origin: { upstream: 'gemini', model: 'other' }, value: 's' }
  const blocks: readonly (readonly [string, ReasoningBlock])[] = [
    ['signed', { type: 'reasoning', text: 'x', signature: own }],
    ['foreign', { type: 'reasoning', text: 'x', signature: foreign }],
    ['unsigned', { type: 'reasoning', text: 'x' }],
    ['without text', { type: 'reasoning', text: '', signature: own }],
    ['redacted', { type: 'reasoning', text: '', redacted: own }],
    ['foreign redacted', { type: 'reasoning', text: '', redacted: foreign }],
  ]

  it.each<[ReasoningPolicy['replay'], string[]]>([
    ['signed', ['signed', 'redacted']],
    ['unsigned', ['unsigned']],
    ['none', []],
  ])('replays %s: %j', (replay, expected) => {
    const replayed = blocks.filter(([, block]) => {
      const messages = [assistant(block, text('a'))]
      const kept = keepReplayableReasoning(messages, { replay, upstream: 'gemini', model: 'm' }, createRepairLog())
      return kept[0]?.content.length === 2
    })
    expect(replayed.map(([name]) => name)).toEqual(expected)
  })

  it('keeps one block a message, and messages without reasoning as they are', () => {
    const signed: ReasoningBlock = { type: 'reasoning', text: 'x', signature: own }
    const plain = [user(text('a')), assistant(text('b'))]
    const policy: ReasoningPolicy = { replay: 'signed', upstream: 'gemini', model: 'm' }
    expect(keepReplayableReasoning(plain, policy, createRepairLog())).toBe(plain)
    const twice = keepReplayableReasoning([...plain, assistant(signed, signed, text('c'))], policy, createRepairLog())
    expect(twice[0]).toBe(plain[0])
    expect(twice[2]?.content).toEqual([signed, text('c')])
  })
})

describe('tool-use-ids', () => {
  it.each(['toolu_01', '', 'call|1', 'ü', 'x'.repeat(65), 'x'.repeat(10_000)])('%s has one valid form', (id) => {
    expect(isValidToolUseId(toolUseIdOf(id, 0))).toBe(true)
    expect(isValidToolUseId(toolUseIdOf(id, 3))).toBe(true)
    expect(toolUseIdOf(id, 0)).toBe(toolUseIdOf(id, 0))
    expect(toolUseIdOf(id, 3)).not.toBe(toolUseIdOf(id, 2))
  })

  it('hashes every character', () => {
    expect(shortHash('')).toBe('811c9dc5')
    expect(shortHash('a')).toBe('e40c292c')
  })
})
