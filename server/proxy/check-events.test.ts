import { describe, expect, it } from 'vitest'
import type { CompletionEvent } from '../canonical/event.ts'
import { createEventChecker } from './check-events.ts'

const begin: CompletionEvent = { type: 'message-start' }
const finish: CompletionEvent = { type: 'finish', reason: 'end-turn' }
const opaque = { origin: { upstream: 'amazon-q' as const, model: 'm' }, value: 'x' }
const text = (index: number): CompletionEvent[] => [
  { type: 'text-start', index },
  { type: 'text-delta', index, text: 'a' },
  { type: 'text-end', index },
]
const reasoning = (index: number): CompletionEvent[] => [
  { type: 'reasoning-start', index },
  { type: 'reasoning-delta', index, text: 'a' },
  { type: 'reasoning-end', index, signature: opaque },
]
const redacted = (index: number): CompletionEvent[] => [
  { type: 'reasoning-start', index },
  { type: 'reasoning-end', index, redacted: opaque },
]
const tool = (index: number): CompletionEvent[] => [
  { type: 'tool-start', index, id: 't', name: 'n' },
  { type: 'tool-delta', index, json: '{}' },
  { type: 'tool-end', index },
]
const usage: CompletionEvent = { type: 'usage', usage: { credits: 1 } }

const kept: readonly (readonly [string, readonly CompletionEvent[]])[] = [
  ['an empty answer', [begin, finish]],
  ['one of every block', [begin, ...reasoning(0), ...redacted(1), ...text(2), ...tool(3), ...tool(4), finish]],
  ['usage anywhere', [begin, usage, ...text(0).flatMap((event) => [event, usage]), usage, finish]],
  ['blocks without deltas', [begin, ...text(0).filter((event) => event.type !== 'text-delta'), finish]],
]

const broken: readonly (readonly [string, readonly CompletionEvent[]])[] = [
  ['nothing', []],
  ['no beginning', [...text(0), finish]],
  ['usage before the beginning', [usage, begin, finish]],
  ['two beginnings', [begin, begin, finish]],
  ['no end', [begin, ...text(0)]],
  ['an end before the beginning', [finish]],
  ['two ends', [begin, finish, finish]],
  ['usage after the end', [begin, finish, usage]],
  ['text after the end', [begin, finish, ...text(0)]],
  ['a beginning after the end', [begin, finish, begin]],
  ['an index that starts at 1', [begin, ...text(1), finish]],
  ['an index twice', [begin, ...text(0), ...text(0), finish]],
  ['an index left out', [begin, ...text(0), ...text(2), finish]],
  ['blocks inside each other', [begin, ...text(0).slice(0, 1), ...tool(1), ...text(0).slice(1), finish]],
  ['an end inside a block', [begin, ...text(0).slice(0, 2), finish]],
  ['a delta without a block', [begin, ...text(0).slice(1), finish]],
  ['a delta after its block', [begin, ...text(0), { type: 'text-delta', index: 0, text: 'a' }, finish]],
  ['a delta of another kind', [begin, ...text(0).slice(0, 1), { type: 'tool-delta', index: 0, json: '' }, finish]],
  ['a delta of another block', [begin, ...text(0).slice(0, 1), { type: 'text-delta', index: 1, text: '' }, finish]],
  ['an end of another kind', [begin, ...text(0).slice(0, 1), { type: 'reasoning-end', index: 0 }, finish]],
  [
    'redacted reasoning with text',
    [begin, ...reasoning(0).slice(0, 2), { type: 'reasoning-end', index: 0, redacted: opaque }, finish],
  ],
]

function run(events: readonly CompletionEvent[], size: number): void {
  const check = createEventChecker()
  for (let at = 0; at < events.length; at += size) check(events.slice(at, at + size))
  check.end()
}

describe('check-events.ts', () => {
  it.each(kept)('%s keeps the contract', (_name, events) => {
    expect(() => run(events, 1)).not.toThrow()
    expect(() => run(events, events.length)).not.toThrow()
  })

  it.each(broken)('%s breaks it', (_name, events) => {
    for (const size of [1, 100]) {
      expect(() => run(events, size)).toThrow(expect.objectContaining({ name: 'ProxyError', kind: 'upstream-invalid' }))
    }
  })

  it('an empty batch breaks it', () => {
    expect(() => createEventChecker()([])).toThrow('an empty batch of events came')
  })
})
