import { describe, expect, it } from 'vitest'
import {
  assistant,
  call,
  contents,
  declared,
  encode,
  type LintCase,
  result,
  runCase,
  text,
  tool,
  user,
} from '../../../tests/support/amazon-q/lint-case.ts'
import type { toolRules } from './tool-rules.ts'

const tools = [tool('Bash')]
const longName = `mcp__${'server'.repeat(12)}__search`
const usedBash = [user(text('Go')), assistant(call('t1')), user(result('t1'))]

const cases: Record<(typeof toolRules)[number]['name'], LintCase> = {
  'tool-undeclared': {
    request: { messages: usedBash },
    where: 'messages.1',
    body: (body) => expect(declared(body).map((entry) => entry.name)).toEqual(['Bash']),
  },
  'tool-name-form': {
    request: { tools: [tool(longName)] },
    where: 'tools.0',
    body: (body) => expect(declared(body)[0]?.name).toMatch(/^mcp__(?:server)+[a-z]*_[0-9a-f]{8}$/u),
  },
  'tool-name-duplicate': {
    request: { tools: [tool('Read'), tool('read'), tool('Read')] },
    where: 'tools.2',
    body: (body) =>
      expect(declared(body).map((entry) => entry.name)).toEqual(['Read', expect.stringMatching(/^read_/)]),
  },
  'tool-description-empty': {
    request: { tools: [tool('Bash', { description: ' ' })] },
    where: 'tools.0',
    body: (body) => expect(declared(body)[0]?.description).toBe('The tool Bash.'),
  },
  'tool-description-long': {
    request: { tools: [tool('Bash', { description: 'A line.\n'.repeat(1_400) })] },
    where: 'tools.0',
    body: (body) => {
      expect(declared(body)[0]?.description.length).toBeLessThan(1_200)
      expect(declared(body)[0]?.description).toContain('"Description of the tool Bash"')
      expect(contents(body)[0]).toContain(`# Description of the tool Bash\n\n${'A line.\n'.repeat(1_400).trim()}`)
    },
  },
  'server-tool': {
    request: {
      tools: [{ name: 'web_search', description: '', server: { dialect: 'anthropic', value: {} } }],
    },
    where: 'tools.0',
    body: (body) => {
      expect(declared(body)).toEqual([])
      expect(contents(body)[0]).toContain('"web_search" is not available')
    },
  },
  'tool-choice': {
    request: { tools, toolChoice: { type: 'tool', name: 'Bash', parallel: false } },
    where: 'tool_choice',
    body: (body) => expect(contents(body)[0]).toMatch(/must call the tool "Bash"\. Call at most one tool/u),
  },
  'tool-input-unparsed': {
    request: {
      tools,
      messages: [
        user(text('Go')),
        assistant({
          type: 'tool-use',
          id: 't1',
          name: 'Bash',
          input: { __unparsedToolInput: { raw: '{"a":', len: 5 } },
        }),
        user(result('t1')),
      ],
    },
    where: 'messages.1',
    body: (body) =>
      expect(body.conversationState.history?.[1]).toMatchObject({
        assistantResponseMessage: { toolUses: [{ input: { raw: '{"a":' } }] },
      }),
  },
}

describe('tool-rules', () => {
  it.each(Object.entries(cases))('%s', (rule, lintCase) => {
    const { body, repairs, faults } = runCase(lintCase)
    expect(repairs).toContainEqual(expect.objectContaining({ rule, where: lintCase.where }))
    expect(faults).toEqual([])
    lintCase.body?.(body)
  })

  it('maps shortened names back, and uses the same name in the history', () => {
    const { body, toolNames } = encode({
      tools: [tool(longName)],
      messages: [user(text('Go')), assistant(call('t1', longName)), user(result('t1'))],
    })
    const sent = declared(body)[0]?.name ?? ''
    expect(toolNames).toEqual(new Map([[sent, longName]]))
    expect(body.conversationState.history?.[1]).toMatchObject({
      assistantResponseMessage: { toolUses: [{ name: sent }] },
    })
  })

  it('keeps names apart that look the same once shortened', () => {
    const names = [`${longName}_a`, `${longName}_b`, 'ü', 'ö', '']
    const { body, toolNames } = encode({ tools: names.map((name) => tool(name)) })
    expect(new Set(declared(body).map((entry) => entry.name)).size).toBe(names.length)
    expect([...toolNames.values()]).toEqual(names)
  })

  it('never gives a well-formed name to another tool', () => {
    const first = declared(encode({ tools: [tool('a b')] }).body)[0]?.name ?? ''
    const { body, toolNames } = encode({ tools: [tool('a b'), tool(first)] })
    expect(declared(body)[1]?.name).toBe(first)
    expect(toolNames.has(first)).toBe(false)
  })

  it('takes a history tool for the declared one that differs only in case', () => {
    const { body, repairs } = encode({ tools: [tool('bash')], messages: usedBash })
    expect(repairs).toEqual([])
    expect(declared(body).map((entry) => entry.name)).toEqual(['bash'])
    expect(body.conversationState.history?.[1]).toMatchObject({
      assistantResponseMessage: { toolUses: [{ name: 'bash' }] },
    })
  })

  it('declares no tool where calls are banned and the history has none', () => {
    const { body, repairs } = encode({ tools, toolChoice: { type: 'none' } })
    expect(declared(body)).toEqual([])
    expect(repairs).toEqual([])
  })

  it('says so in words where calls are banned and the history has some', () => {
    const { body } = encode({ tools, toolChoice: { type: 'none' }, messages: usedBash })
    expect(declared(body)).toHaveLength(1)
    expect(contents(body).at(-1)).toContain('Do not call any tool')
  })

  it('parses input that the client could not parse but is JSON', () => {
    const input = { __unparsedToolInput: { raw: '{"a":1}', len: 7 } }
    const messages = [
      user(text('Go')),
      assistant({ type: 'tool-use', id: 't1', name: 'Bash', input }),
      user(result('t1')),
    ]
    expect(encode({ tools, messages }).body.conversationState.history?.[1]).toMatchObject({
      assistantResponseMessage: { toolUses: [{ input: { a: 1 } }] },
    })
  })
})
