import { readFileSync } from 'node:fs'
import BytePairTokenizer from 'ai-tokenizer'
import * as encoding from 'ai-tokenizer/encoding/claude'
import { describe, expect, it } from 'vitest'
import { createOutputCounter, estimateTokens } from './estimate.ts'

const tokenizer = new BytePairTokenizer(encoding)
const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const english = `A proxy sits between a program and the service it talks to. Most of what it does is forwarding bytes, but
it also has to notice when something goes wrong on either side and tell the other one in words it understands. When the
service is busy, the proxy may wait a little and try again; when the person closes the program, it must stop the work
that nobody will read any more. None of this is difficult by itself. What makes it hard is that everything can happen
at the same time, in any order, and that a mistake shows only on the one day when all of it does.`
const chinese = `代理程序位于客户端和服务之间，大部分工作只是转发数据，但它也必须注意任何一方出现的问题，并用另一方能够理解的方式说明。
当服务繁忙时，代理可以稍等片刻再重试；当用户关闭程序时，它必须立即停止没有人再需要的工作。请帮我写一个函数，计算两个日期之间的天数，
如果输入无效，则抛出异常，并且为它编写单元测试。人工智能正在改变世界，许多公司都在研究大语言模型。`
const russian = `Прокси находится между программой и службой, с которой она разговаривает. Большая часть работы состоит в
пересылке данных, но он должен замечать, когда что-то идёт не так. Напишите функцию, которая вычисляет число дней.`

describe('estimateTokens', () => {
  it.each([
    ['TypeScript', read('./estimate.ts')],
    ['TypeScript declarations', read('../canonical/request.ts')],
    ['JavaScript', read('../../scripts/complete-lock.mjs')],
    ['English', english],
    ['Chinese', chinese],
    ['Russian', russian],
    ['JSON', read('../../package.json')],
    ['JSON with hashes', read('../../package-lock.json').slice(0, 50_000)],
    ['compact JSON', JSON.stringify(JSON.parse(read('../../package.json')))],
    ['base64', Buffer.from(Array.from({ length: 6_000 }, (_, index) => (index * index * 31) & 255)).toString('base64')],
  ])('is within a quarter of the tokenizer on %s', (_name, text) => {
    const ratio = estimateTokens(text) / tokenizer.count(text)
    expect(ratio).toBeGreaterThan(0.75)
    expect(ratio).toBeLessThan(1.25)
  })

  it.each([
    ['', 0],
    ['a', 2],
    [' ', 0],
  ])('counts %j as %i', (text, tokens) => {
    expect(estimateTokens(text)).toBe(tokens)
  })

  it('samples a text too long to be read whole, and comes to nearly the same', () => {
    const text = english.repeat(5_000)
    expect(text.length).toBeGreaterThan(2_000_000)
    expect(estimateTokens(text) / (estimateTokens(english) * 5_000)).toBeCloseTo(1, 1)
  })
})

describe('createOutputCounter', () => {
  it('stays within 3 % of the whole where it only samples', () => {
    const text =
      `${read('estimate.ts')}${read('counter.ts')}${english}${read('../../README.md')}${read('usage.ts')}`.repeat(8)
    const counter = createOutputCounter()
    for (let at = 0; at < text.length; at += 37) counter.add(text.slice(at, at + 37))
    const whole = estimateTokens(text)
    expect(text.length).toBeGreaterThan(100_000)
    expect(counter.tokens() / whole).toBeGreaterThan(0.97)
    expect(counter.tokens() / whole).toBeLessThan(1.03)
  })

  it('comes to the same wherever the text is cut', () => {
    const text = `${english} ${chinese} const someIdentifier = 1234567890 // ${'x'.repeat(40)}`
    for (const size of [1, 2, 3, 7, 100]) {
      const counter = createOutputCounter()
      for (let from = 0; from < text.length; from += size) counter.add(text.slice(from, from + size))
      expect(counter.tokens()).toBe(estimateTokens(text))
    }
  })
})
