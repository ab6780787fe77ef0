import { describe, expect, it } from 'vitest'
import { parseToolArguments } from './tool-arguments.ts'

describe('openai/tool-arguments.ts', () => {
  it.each([
    ['{"a":1}', { a: 1 }],
    [' {"a":{"b":[]}} ', { a: { b: [] } }],
    ['', {}],
    ['  ', {}],
    ['null', {}],
    ['{"a":', { unparsed_arguments: '{"a":' }],
    ['[1]', { unparsed_arguments: '[1]' }],
    ['"x"', { unparsed_arguments: '"x"' }],
    ['rm -rf', { unparsed_arguments: 'rm -rf' }],
  ])('%j', (text, input) => {
    expect(parseToolArguments(text)).toEqual(input)
  })
})
