import { describe, expect, it } from 'vitest'
import { decodeToolChoice, decodeTools } from './decode-tools.ts'

const schema = { type: 'object', properties: {} }

describe('decode-tools.ts', () => {
  it.each([
    [
      { name: 'a', input_schema: schema },
      { name: 'a', description: '', inputSchema: schema },
    ],
    [
      { type: 'custom', name: 'a', description: 'd', input_schema: schema, cache_control: null },
      { name: 'a', description: 'd', inputSchema: schema },
    ],
    [
      { name: 'a', description: null, input_schema: schema, defer_loading: true, eager_input_streaming: true },
      { name: 'a', description: '', inputSchema: schema, extras: { defer_loading: true, eager_input_streaming: true } },
    ],
    [
      { type: 'custom_20300101', name: 'a', input_schema: schema },
      { name: 'a', description: '', inputSchema: schema, extras: { type: 'custom_20300101' } },
    ],
    [
      { type: 'bash_20250124', name: 'bash' },
      {
        name: 'bash',
        description: '',
        server: { dialect: 'anthropic', value: { type: 'bash_20250124', name: 'bash' } },
      },
    ],
    [
      { type: 'mcp_toolset', mcp_server_name: 's' },
      {
        name: 'mcp_toolset',
        description: '',
        server: { dialect: 'anthropic', value: { type: 'mcp_toolset', mcp_server_name: 's' } },
      },
    ],
  ])('%j', (wire, tool) => expect(decodeTools([wire])).toEqual([tool]))

  it('drops the placeholder that only switches tool search on', () => {
    const placeholder = { name: 'DeferredToolPlaceholder', input_schema: {} }
    expect(decodeTools([{ ...placeholder, defer_loading: true }])).toEqual([])
    expect(decodeTools([placeholder])).toHaveLength(1)
  })

  it.each([
    [undefined, { type: 'auto' }],
    [null, { type: 'auto' }],
    [{ type: 'auto' as const }, { type: 'auto' }],
    [
      { type: 'auto' as const, disable_parallel_tool_use: true },
      { type: 'auto', parallel: false },
    ],
    [
      { type: 'any' as const, disable_parallel_tool_use: false },
      { type: 'any', parallel: true },
    ],
    [{ type: 'none' as const, disable_parallel_tool_use: true }, { type: 'none' }],
    [
      { type: 'tool' as const, name: 'a' },
      { type: 'tool', name: 'a' },
    ],
    [
      { type: 'tool' as const, name: 'a', disable_parallel_tool_use: true },
      { type: 'tool', name: 'a', parallel: false },
    ],
  ])('the choice %j', (wire, choice) => {
    expect(decodeToolChoice(wire, decodeTools([{ name: 'a', input_schema: schema }]))).toEqual(choice)
  })
})
