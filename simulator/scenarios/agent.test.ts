import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from '../index.ts'
import { generate, message, textOf, type Got } from '../test-client.ts'
import { tool } from '../validate/request-builders.ts'

let simulator: Simulator
let account: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
  account = simulator.issueAccount()
})

afterAll(() => simulator.close())

/** A tool of Claude Code, with the arguments that it asks for. */
function declare(name: string, required: readonly string[]): unknown {
  const properties = Object.fromEntries(required.map((argument) => [argument, { type: 'string' }]))
  return tool({ name, inputSchema: { json: { type: 'object', properties, required } } })
}

const tools = [
  declare('Agent', ['description', 'prompt']),
  declare('Bash', ['command']),
  declare('Read', ['file_path']),
  declare('Write', ['file_path', 'content']),
]

interface Called {
  readonly toolUseId: string
  readonly name: string
  readonly input: unknown
}

/** The tool calls of an answer, put together from their fragments. */
function callsOf(got: Got): readonly Called[] {
  const texts = new Map<string, { name: string; text: string }>()
  for (const { payload } of got.events.filter(({ name }) => name === 'toolUseEvent')) {
    const id = String(payload['toolUseId'])
    const call = texts.get(id) ?? { name: String(payload['name']), text: '' }
    if (typeof payload['input'] === 'string') call.text += payload['input']
    texts.set(id, call)
  }
  return [...texts].map(([toolUseId, { name, text }]) => ({ toolUseId, name, input: JSON.parse(text) as unknown }))
}

/** Plays an agent: runs every call with `run` until the answer calls nothing. */
async function loop(
  prompt: string,
  run: (call: Called) => string,
): Promise<{ calls: readonly Called[][]; text: string }> {
  const history: unknown[] = []
  const calls: Called[][] = []
  let content = prompt
  let toolResults: unknown[] = []
  for (;;) {
    const current = { content, userInputMessageContext: { tools, ...(toolResults.length > 0 ? { toolResults } : {}) } }
    const body = message('', current) as { conversationState: Record<string, unknown> }
    if (history.length > 0) body.conversationState['history'] = [...history]
    const got = await generate(simulator, account, body)
    expect(got.status).toBe(200)
    const made = callsOf(got)
    if (made.length === 0) return { calls, text: textOf(got) }
    calls.push([...made])
    const userInputMessage = {
      content,
      ...(toolResults.length > 0 ? { userInputMessageContext: { toolResults } } : {}),
    }
    history.push({ userInputMessage }, { assistantResponseMessage: { content: textOf(got), toolUses: made } })
    content = ''
    toolResults = made.map((call) => ({ toolUseId: call.toolUseId, status: 'success', content: [{ text: run(call) }] }))
  }
}

describe('scenarios/agent', () => {
  it('writes a file, reads it, and tells what was in it', async () => {
    const prompt = '[[scenario:write-and-read path=/tmp/x.txt content="hello world"]]'
    const { calls, text } = await loop(prompt, ({ name }) => (name === 'Read' ? 'hello world' : 'written'))
    expect(calls.map((step) => step.map(({ name, input }) => [name, input]))).toEqual([
      [['Write', { file_path: '/tmp/x.txt', content: 'hello world' }]],
      [['Read', { file_path: '/tmp/x.txt' }]],
    ])
    expect(text).toBe('I wrote /tmp/x.txt and read it back. Read answered: hello world')
  })

  it('makes two calls at once', async () => {
    const { calls, text } = await loop('[[scenario:parallel-tools]]', ({ input }) => JSON.stringify(input))
    expect(calls.map((step) => step.map(({ name }) => name))).toEqual([['Bash', 'Bash']])
    expect(text).toContain('echo one')
    expect(text).toContain('echo two')
    const reads = await loop('[[scenario:parallel-tools path=/a path2=/b]]', () => 'content')
    expect(reads.calls[0]?.map(({ input }) => input)).toEqual([{ file_path: '/a' }, { file_path: '/b' }])
  })

  it("asks a sub-agent as its tool's schema wants", async () => {
    const { calls, text } = await loop('[[scenario:sub-agent prompt="Count to three."]]', () => 'one two three')
    expect(calls[0]?.[0]).toMatchObject({ name: 'Agent', input: { prompt: 'Count to three.' } })
    expect(calls[0]?.[0]?.input).not.toHaveProperty('subagent_type')
    expect(text).toBe('The sub-agent is done. Agent answered: one two three')
  })

  it('loops as often as asked', async () => {
    const { calls, text } = await loop('[[scenario:tool-loop turns=4]]', () => 'ok')
    expect(calls).toHaveLength(4)
    expect(text).toContain('I made 4 calls.')
  })

  it('lasts for a conversation, but gives way to a summary and a newer marker', async () => {
    const answerTo = async (content: string): Promise<string> => {
      const body = message(content) as { conversationState: Record<string, unknown> }
      body.conversationState['history'] = [
        { userInputMessage: { content: 'Be brief. [[scenario:text text=first]]' } },
        { assistantResponseMessage: { content: 'first' } },
      ]
      return textOf(await generate(simulator, account, body))
    }
    expect(await answerTo('And then?')).toBe('first')
    expect(await answerTo('[[scenario:text text=second]]')).toBe('second')
    expect(await answerTo('Write <analysis> and <summary>.')).toContain('<summary>A conversation of 3 messages')
  })

  it('looks at images', async () => {
    const images = [{ format: 'png', source: { bytes: Buffer.alloc(100).toString('base64') } }]
    const got = await generate(simulator, account, message('[[scenario:look-at-image]]', { images }))
    expect(textOf(got)).toBe('I see 1 image(s): png of 100 bytes.')
  })
})
