import { readFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import BytePairTokenizer from 'ai-tokenizer'
import * as encoding from 'ai-tokenizer/encoding/claude'
import { afterEach, describe, expect, it } from 'vitest'
import type { CompletionRequest, Message } from '../canonical/request.ts'
import { createTokenCounter } from './counter.ts'
import type { TokenCounter, TokenCounterOptions } from './counter.ts'
import { createTokenizerThread, TokenizerError } from './tokenizer-thread.ts'
import type { TokenizerThread } from './tokenizer-thread.ts'

const corpus = readFileSync(new URL('../../package-lock.json', import.meta.url), 'utf8')
const counters: TokenCounter[] = []

afterEach(async () => {
  await Promise.all(counters.splice(0).map((counter) => counter.close()))
})

describe('createTokenCounter', () => {
  it('counts with the real tokenizer', async () => {
    const tokenizer = new BytePairTokenizer(encoding)
    const counter = create()
    const text = corpus.slice(0, 20_000)
    const empty = await counter.count(conversation([]))
    expect(empty).toBe(0)
    expect(await counter.count(conversation([text]))).toBe(tokenizer.count(text) + 4)
  })

  it('adds what stands around text: tools, tool calls and results, images', async () => {
    const counter = create()
    const call: Message = {
      role: 'assistant',
      content: [{ type: 'tool-use', id: 'a', name: 'Read', input: { path: 'a.txt' } }],
    }
    const result: Message = {
      role: 'user',
      content: [
        { type: 'tool-result', toolUseId: 'a', isError: false, content: [{ type: 'text', text: 'the text' }] },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'document', source: { type: 'text', text: 'a document' }, title: 'its title' },
        { type: 'reasoning', text: '' },
      ],
    }
    const tool = { name: 'Read', description: 'Reads a file', inputSchema: { type: 'object' } }
    const request = { ...conversation([]), messages: [call, result], tools: [tool] }
    const tokens = await counter.count(request)
    expect(tokens).toBeGreaterThan(1_500 + 346)
    expect(tokens).toBeLessThan(1_500 + 346 + 100)
    expect(counter.estimate(request)).toBe(tokens)
  })

  it('counts only what is new in a resent history', async () => {
    const { counter, counted } = spied()
    const first = Array.from({ length: 50 }, (_, index) => slice(index))
    await counter.count(conversation(first))
    expect(counted.length).toBe(50)
    await counter.count(conversation(first))
    expect(counted.length).toBe(50)
    await counter.count(conversation([...first, 'one more question']))
    expect(counted.slice(50)).toEqual(['one more question'])
  })

  it('shares the work of parallel requests of one conversation and counts a repeated block once', async () => {
    const { counter, counted } = spied()
    const texts = ['one', 'two', 'one']
    const results = await Promise.all([1, 2, 3].map(() => counter.count(conversation(texts))))
    expect(counted).toEqual(['one', 'two'])
    expect(new Set(results)).toEqual(new Set([3 * 4 + 3]))
  })

  it('answers 25 parallel counts without holding the event loop up', async () => {
    const counter = create()
    await counter.count(conversation(['start the thread']))
    const requests = Array.from({ length: 25 }, (_, index) => conversation(distinctTexts(index)))
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const started = performance.now()
    const counts = await Promise.all(requests.map((request) => counter.count(request)))
    const elapsed = performance.now() - started
    delay.disable()
    expect(counts.every((count) => count > 4_000)).toBe(true)
    // Generous: in a thread of its own the work costs about 100 ms, and the main thread next to nothing.
    expect(elapsed).toBeLessThan(5_000)
    expect(delay.percentile(50) / 1e6).toBeLessThan(10)
  })

  it('estimates near the count, at once, and exactly what was counted', async () => {
    const counter = create()
    const request = conversation(distinctTexts(1))
    const estimated = counter.estimate(request)
    const counted = await counter.count(request)
    expect(estimated / counted).toBeGreaterThan(0.75)
    expect(estimated / counted).toBeLessThan(1.25)
    expect(counter.estimate(request)).toBe(counted)
  })

  it('estimates where the tokenizer fails', async () => {
    const failing: TokenizerThread = {
      running: false,
      count: () => Promise.reject(new TokenizerError('no thread today')),
      close: () => Promise.resolve(),
    }
    const counter = create({ thread: failing })
    const request = conversation(['some text', 'some more'])
    expect(await counter.count(request)).toBe(counter.estimate(request))
  })

  it('answers with estimates once it is closed', async () => {
    const counter = create()
    const request = conversation(['some text'])
    await counter.close()
    expect(await counter.count(request)).toBe(counter.estimate(request))
  })
})

function create(options: TokenCounterOptions = {}): TokenCounter {
  const counter = createTokenCounter(options)
  counters.push(counter)
  return counter
}

/** A counter on the real thread, with all texts that went there. */
function spied(): { readonly counter: TokenCounter; readonly counted: string[] } {
  const real = createTokenizerThread({ idleMs: 60_000 })
  const counted: string[] = []
  const thread: TokenizerThread = {
    get running() {
      return real.running
    },
    count(texts) {
      counted.push(...texts)
      return real.count(texts)
    },
    close: () => real.close(),
  }
  return { counter: create({ thread }), counted }
}

function slice(index: number): string {
  return corpus.slice(index * 500, index * 500 + 1_000)
}

function distinctTexts(index: number): readonly string[] {
  return Array.from({ length: 20 }, (_, part) => `${index} ${slice(index + part)}`)
}

function conversation(texts: readonly string[]): CompletionRequest {
  return {
    model: 'claude-sonnet-4.5',
    system: [],
    messages: texts.map((text, index) => ({
      role: index % 2 === 0 ? 'user' : 'assistant',
      content: [{ type: 'text', text }],
    })),
    tools: [],
    toolChoice: { type: 'auto' },
    sampling: {},
    stream: true,
    extras: {},
  }
}
