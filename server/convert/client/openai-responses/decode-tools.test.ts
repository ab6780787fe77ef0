import { describe, expect, it } from 'vitest'
import type { Tool } from '../../../canonical/request.ts'
import { encodeCall } from './encode-call.ts'
import { decodeToolChoice } from './decode-tool-choice.ts'
import { decodeTools } from './decode-tools.ts'
import { createToolTable } from './tool-table.ts'

function read(...declared: unknown[]) {
  const table = createToolTable()
  const tools: Tool[] = []
  decodeTools(declared, 'tools', table, tools)
  return { table, tools, names: tools.map(({ name }) => name) }
}

const f = (name: string) => ({ type: 'function', name, parameters: { type: 'object' } })
const namespace = (name: string, ...tools: unknown[]) => ({
  type: 'namespace',
  name,
  description: `About ${name}.`,
  tools,
})

describe('decode-tools.ts', () => {
  it('reads functions', () => {
    const { tools } = read(
      { ...f('a'), description: 'Does.', strict: true },
      { type: 'function', name: 'b', parameters: null },
    )
    expect(tools).toEqual([
      { name: 'a', description: 'Does.', inputSchema: { type: 'object' }, extras: { strict: true } },
      { name: 'b', description: '', inputSchema: { type: 'object', properties: {} } },
    ])
  })

  it('describes the grammar of a custom tool', () => {
    const format = { type: 'grammar', syntax: 'regex', definition: '[ab]+' }
    const [tool] = read({ type: 'custom', name: 'x', description: 'Takes text.', format }).tools
    expect(tool?.description).toBe(
      'Takes text.\n\nGive the whole text as the one argument "input".\n\nThe input must follow this regex grammar:\n[ab]+',
    )
  })

  it('flattens namespaces, and finds the way back', () => {
    const { names, table, tools } = read(
      namespace('crm', f('find'), { type: 'custom', name: 'note' }),
      namespace('mcp__docs__', f('find')),
      namespace('functions', f('wait')),
      f('find'),
    )
    expect(names).toEqual(['crm__find', 'crm__note', 'mcp__docs__find', 'wait', 'find'])
    expect(names.map((name) => table.find(name))).toEqual([
      { kind: 'function', name: 'find', namespace: 'crm' },
      { kind: 'custom', name: 'note', namespace: 'crm' },
      { kind: 'function', name: 'find', namespace: 'mcp__docs__' },
      { kind: 'function', name: 'wait', namespace: 'functions' },
      { kind: 'function', name: 'find' },
    ])
    expect(tools.map(({ description }) => description.includes('About crm.'))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('gives names of their own to tools whose flat names would be the same or too long', () => {
    const long = 'n'.repeat(60)
    const { names, table } = read(f('a__b'), namespace('a', f('b')), namespace(long, f('one'), f('two')))
    expect(new Set(names).size).toBe(4)
    expect(names[0]).toBe('a__b')
    expect(names[1]).toMatch(/^a__b_[0-9a-f]{8}$/u)
    for (const name of names.slice(2)) expect(name).toMatch(/^n{55}_[0-9a-f]{8}$/u)
    expect(table.find(names[3] ?? '')).toEqual({ kind: 'function', name: 'two', namespace: long })
    expect(table.nameOf({ kind: 'function', name: 'b', namespace: 'a' })).toBe(names[1])
    expect(read(f('a__b'), namespace('a', f('b'))).names).toEqual(names.slice(0, 2))
  })

  it('takes a call of the history for the kind that was declared', () => {
    const { table } = read({ type: 'custom', name: 'apply_patch' })
    expect(table.nameOf({ kind: 'function', name: 'apply_patch' })).toBe('apply_patch')
    expect(table.find('apply_patch')?.kind).toBe('custom')
  })

  it('tells what the client runs from what only OpenAI could', () => {
    const { tools, names } = read(
      { type: 'local_shell' },
      { type: 'shell' },
      { type: 'shell', environment: { type: 'container_auto' } },
      { type: 'apply_patch' },
      { type: 'tool_search', execution: 'client', description: 'Search.', parameters: { type: 'object' } },
      { type: 'tool_search' },
      { type: 'web_search', external_web_access: true },
      { type: 'mcp', server_label: 'docs' },
      { type: 'never_heard_of' },
    )
    expect(names).toEqual([
      'local_shell',
      'shell',
      'shell',
      'apply_patch',
      'tool_search',
      'tool_search',
      'web_search',
      'docs',
      'never_heard_of',
    ])
    expect(tools.map(({ server }) => server !== undefined)).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      true,
      true,
      true,
    ])
  })
})

describe('decode-tool-choice.ts', () => {
  const { table, tools } = read(f('a'), namespace('n', f('b')), { type: 'apply_patch' }, { type: 'web_search' })
  const choose = (choice: unknown, parallel?: boolean) => decodeToolChoice(choice, parallel, tools, table)

  it.each([
    [undefined, { type: 'auto' }],
    [null, { type: 'auto' }],
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'any' }],
    [
      { type: 'function', name: 'a' },
      { type: 'tool', name: 'a' },
    ],
    [
      { type: 'custom', name: 'a' },
      { type: 'tool', name: 'a' },
    ],
    [
      { type: 'function', name: 'b', namespace: 'n' },
      { type: 'tool', name: 'n__b' },
    ],
    [{ type: 'apply_patch' }, { type: 'tool', name: 'apply_patch' }],
    [{ type: 'web_search_preview' }, { type: 'auto' }],
    [{ type: 'mcp', server_label: 'docs' }, { type: 'auto' }],
  ])('%j means %j', (choice, expected) => {
    expect(choose(choice)).toEqual({ toolChoice: expected, tools })
  })

  it('says whether calls may be parallel', () => {
    expect(choose('auto', false).toolChoice).toEqual({ type: 'auto', parallel: false })
    expect(choose('required', true).toolChoice).toEqual({ type: 'any', parallel: true })
  })

  it('declares only the tools that are allowed', () => {
    const allowed = [
      { type: 'function', name: 'a' },
      { type: 'apply_patch' },
      { type: 'web_search' },
      { type: 'function', name: 'gone' },
    ]
    const chosen = choose({ type: 'allowed_tools', mode: 'required', tools: allowed })
    expect(chosen.toolChoice).toEqual({ type: 'any' })
    expect(chosen.tools.map(({ name }) => name)).toEqual(['a', 'apply_patch'])
  })
})

describe('encode-call.ts', () => {
  const head = { id: 'i', status: 'completed', call_id: 'c' }

  it.each([
    [{ kind: 'function', name: 'f' }, '{"a":1}', { type: 'function_call', name: 'f', arguments: '{"a":1}' }],
    [
      { kind: 'function', name: 'f', namespace: 'n' },
      '{}',
      { type: 'function_call', name: 'f', namespace: 'n', arguments: '{}' },
    ],
    [{ kind: 'custom', name: 'p' }, '{"input":"*** \\n"}', { type: 'custom_tool_call', name: 'p', input: '*** \n' }],
    [
      { kind: 'custom', name: 'p', namespace: 'n' },
      '{"patch":"x"}',
      { type: 'custom_tool_call', name: 'p', namespace: 'n', input: 'x' },
    ],
    [
      { kind: 'custom', name: 'p' },
      '{"a":"x","b":1}',
      { type: 'custom_tool_call', name: 'p', input: '{"a":"x","b":1}' },
    ],
    [
      { kind: 'tool-search', name: 'tool_search' },
      '{"query":"q"}',
      { type: 'tool_search_call', execution: 'client', arguments: { query: 'q' } },
    ],
    [
      { kind: 'local-shell', name: 'local_shell' },
      '{"command":["ls","-l"],"timeout_ms":5}',
      {
        type: 'local_shell_call',
        action: { type: 'exec', command: ['ls', '-l'], env: {}, timeout_ms: 5, user: null, working_directory: null },
      },
    ],
    [
      { kind: 'local-shell', name: 'local_shell' },
      '{"command":"ls -l","working_directory":"/tmp"}',
      {
        type: 'local_shell_call',
        action: {
          type: 'exec',
          command: ['bash', '-lc', 'ls -l'],
          env: {},
          timeout_ms: null,
          user: null,
          working_directory: '/tmp',
        },
      },
    ],
    [
      { kind: 'shell', name: 'shell' },
      '{"commands":["ls"],"max_output_length":9}',
      { type: 'shell_call', action: { commands: ['ls'], timeout_ms: null, max_output_length: 9 }, environment: null },
    ],
    [
      { kind: 'apply-patch', name: 'apply_patch' },
      '{"type":"create_file","path":"a","diff":"+x"}',
      { type: 'apply_patch_call', operation: { type: 'create_file', path: 'a', diff: '+x' } },
    ],
    [
      { kind: 'apply-patch', name: 'apply_patch' },
      '{"type":"delete_file","path":"a"}',
      { type: 'apply_patch_call', operation: { type: 'delete_file', path: 'a' } },
    ],
  ] as const)('%j with %s', (target, json, expected) => {
    expect(encodeCall(target, 'i', 'c', json)).toEqual({ ...head, ...expected })
  })
})
