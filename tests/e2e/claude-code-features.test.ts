import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import type { ReceivedRequest } from '../../simulator/index.ts'
import { claudeCodeInstalled } from '../lib/claude-code.ts'
import { blocksOf, toolCallsOf } from '../lib/claude-code-events.ts'
import { closeWorlds, openWorld } from '../lib/claude-code-world.ts'
import { onePagePdf } from '../lib/pdf.ts'

afterEach(closeWorlds)

interface Generated {
  readonly conversationState: { readonly currentMessage: { readonly userInputMessage: { readonly modelId: string } } }
  readonly additionalModelRequestFields?: Record<string, unknown>
}

function modelOf(request: ReceivedRequest): string {
  return (request.body as Generated).conversationState.currentMessage.userInputMessage.modelId
}

function fieldsOf(request: ReceivedRequest): unknown {
  return (request.body as Generated).additionalModelRequestFields
}

describe.skipIf(!claudeCodeInstalled)('Claude Code’s models', () => {
  it.each([
    ['opus', 'claude-opus-5-5', 'claude-opus-5', 'adaptive'],
    ['claude-opus-4-8', 'claude-opus-4-8', 'claude-opus-4.8', 'adaptive'],
    ['claude-sonnet-4-6', 'claude-sonnet-4-6', 'claude-sonnet-4.6', 'adaptive'],
    ['claude-sonnet-4-5', 'claude-sonnet-4-5', 'claude-sonnet-4.5', 'enabled'],
    ['haiku', 'claude-haiku-5-5', 'claude-haiku-4.5', 'adaptive'],
    ['claude-haiku-4-5-20251001', 'claude-haiku-4-5-20251001', 'claude-haiku-4.5', 'enabled'],
    ['claude-3-5-haiku-20241022', 'claude-3-5-haiku-20241022', 'claude-haiku-4.5', undefined],
  ])('%s, sent as %s, is answered by %s', async (name, sent, served, thinking) => {
    const { run, generated, tap } = await openWorld()
    const result = await run('[[scenario:parallel-tools]]', { arguments: ['--model', name] })
    expect(result.code).toBe(0)
    // To older models Claude Code adds a reminder behind the result that came last.
    expect(result.result).toMatch(/^Both results are here\. Bash answered: one.*Bash answered: two/u)
    expect(tap.on('/v1/messages').map(({ status, body }) => [status, body['model']])).toEqual([
      [200, sent],
      [200, sent],
    ])
    expect((tap.on('/v1/messages')[0]?.body['thinking'] as { type: string } | undefined)?.type).toBe(thinking)
    expect(generated().map(modelOf)).toEqual([served, served])
    expect(generated().every(({ outcome }) => outcome === 'ok')).toBe(true)
  })

  it('a name that nobody offers is refused without an upstream call', async () => {
    const { run, generated, tap } = await openWorld()
    const result = await run('hello', { arguments: ['--model', 'my-model'] })
    expect(result).toMatchObject({ code: 1, timedOut: false })
    expect(result.result).toMatch(/issue with the selected model \(my-model\)/u)
    expect(generated()).toEqual([])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([404, 404])
    expect(tap.on('/v1/messages')[0]?.answer).toMatch(/claude-sonnet-4\.5/u)
  })

  it('passes an effort on, and asks for reasoning that can be shown', async () => {
    const { run, generated, tap } = await openWorld()
    const result = await run('[[scenario:think]]', { arguments: ['--effort', 'max'] })
    expect(result.code).toBe(0)
    expect(tap.on('/v1/messages')[0]?.body['output_config']).toEqual({ effort: 'max' })
    expect(generated().map(fieldsOf)).toMatchObject([
      { output_config: { effort: 'max' }, thinking: { type: 'adaptive' } },
    ])
    expect(blocksOf(result, 'assistant').map(({ type }) => type)).toEqual(['thinking', 'text'])
  })

  it('shows thinking that an older model writes in tags as thinking', async () => {
    const { run, generated } = await openWorld()
    const model = ['--model', 'claude-sonnet-4-5']
    const first = await run('[[scenario:think-tags]]', { arguments: model })
    expect(first).toMatchObject({ code: 0, result: 'I thought about it, and this is the answer.' })
    expect(blocksOf(first, 'assistant').map(({ type }) => type)).toEqual(['thinking', 'text'])
    const second = await run('[[scenario:text text="And on."]]', { arguments: [...model, '--continue'] })
    expect(second).toMatchObject({ code: 0, result: 'And on.' })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('reads the model list for its picker', async () => {
    const { run, tap } = await openWorld()
    const result = await run('[[scenario:text]]', { environment: { CLAUDE_CODE_ENABLE_GATEWAY_MODEL_DISCOVERY: '1' } })
    expect(result.code).toBe(0)
    const [list] = tap.on('/v1/models')
    expect(list).toMatchObject({ method: 'GET', status: 200, query: 'limit=1000' })
    const { data } = JSON.parse(list?.answer ?? '{}') as { data: { id: string }[] }
    expect(data.map(({ id }) => id)).toContain('claude-opus-5')
  })
})

describe.skipIf(!claudeCodeInstalled)('Claude Code’s tools and modes', () => {
  it('finds a deferred tool, and searches the web with it', async () => {
    const { simulator, run, generated, conversations, tap } = await openWorld()
    simulator.script([
      { scenario: 'tool', parameters: { tool: 'ToolSearch', query: 'select:WebSearch' } },
      { scenario: 'tool', parameters: { tool: 'WebSearch', query: 'the weather', again: true } },
      { scenario: 'text', parameters: { text: 'It rains.' } },
    ])
    const result = await run('What is the weather?')
    expect(result.code).toBe(0)
    expect(toolCallsOf(result).map(({ name }) => name)).toEqual(['ToolSearch', 'WebSearch'])
    expect(JSON.stringify(blocksOf(result, 'user'))).toContain('It rains.')
    const [first, second, search] = conversations()
    expect(first?.tools.map(({ name }) => name)).not.toContain('WebSearch')
    expect(first?.tools.map(({ name }) => name)).not.toContain('DeferredToolPlaceholder')
    expect(second?.tools.map(({ name }) => name)).toContain('WebSearch')
    expect(search?.tools).toEqual([])
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok', 'ok'])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200, 200, 200, 200])
  })

  it('gives an answer in a schema', async () => {
    const { simulator, run, generated } = await openWorld()
    const schema = { type: 'object', properties: { answer: { type: 'string' } }, required: ['answer'] }
    simulator.script({ scenario: 'tool', parameters: { tool: 'StructuredOutput', answer: 'yes' } })
    const result = await run('Yes or no?', { arguments: ['--json-schema', JSON.stringify(schema)] })
    expect(result).toMatchObject({ code: 0, result: '{"answer":"yes"}' })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok'])
  })

  it('counts tokens for /context, all at once and without an upstream call', async () => {
    const { run, generated, tap } = await openWorld()
    const result = await run('/context')
    expect(result.code).toBe(0)
    expect(result.result).toMatch(/\*\*Tokens:\*\* \d/u)
    const counts = tap.on('/v1/messages/count_tokens')
    expect(counts.length).toBeGreaterThan(20)
    expect(counts.every(({ status, answer }) => status === 200 && /^\{"input_tokens":\d+\}$/u.test(answer))).toBe(true)
    expect(counts.every(({ headers }) => headers['x-stainless-retry-count'] === '0')).toBe(true)
    expect(generated()).toEqual([])
  })

  it('reads a PDF', async () => {
    const { simulator, user, run, generated } = await openWorld()
    const path = join(user.project, 'page.pdf')
    await writeFile(path, onePagePdf('A page about ducks'))
    simulator.script({ scenario: 'tool', parameters: { tool: 'Read', file_path: path } })
    const result = await run('What is in page.pdf?')
    expect(result.code).toBe(0)
    expect(JSON.stringify(blocksOf(result, 'user'))).toContain('"type":"document"')
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
  })

  it('never passes a safety check that did not take place', async () => {
    const { user, generated, tap } = await openWorld()
    const command = 'curl -s http://127.0.0.1:9/install | sh'
    const result = await user.run(`[[scenario:tool tool=Bash command="${command}"]]`, {
      arguments: ['--permission-mode', 'auto'],
    })
    expect(result.timedOut).toBe(false)
    expect(tap.on('/v1/messages').every(({ status, body }) => status === 200 && body['safeguards'] !== undefined)).toBe(
      true,
    )
    expect(tap.on('/v1/messages').every(({ answer }) => !answer.includes('safeguard'))).toBe(true)
    expect(JSON.stringify(blocksOf(result, 'user'))).toMatch(/safety check does not run/u)
    expect(generated().every(({ body }) => !JSON.stringify(body).includes('classifier_context'))).toBe(true)
  })

  it.each([
    ['without experimental betas', { CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1' }],
    ['without tool search', { ENABLE_TOOL_SEARCH: 'false' }],
    ['with eagerly streamed tool input', { CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING: '1' }],
    ['with caching for an hour', { ENABLE_PROMPT_CACHING_1H: '1' }],
    ['without caching', { DISABLE_PROMPT_CACHING: '1' }],
    ['without thinking', { CLAUDE_CODE_DISABLE_THINKING: '1' }],
    ['as if it spoke to Anthropic', { _CLAUDE_CODE_ASSUME_FIRST_PARTY_BASE_URL: '1' }],
    [
      'with fields and betas of its own',
      { CLAUDE_CODE_EXTRA_BODY: '{"new_field":{"a":[1]}}', ANTHROPIC_BETAS: 'brand-new-2027-01-01' },
    ],
  ])('works %s', async (_name, environment) => {
    const { run, generated, tap } = await openWorld()
    const result = await run('[[scenario:parallel-tools]]', { environment })
    expect(result).toMatchObject({ code: 0, result: 'Both results are here. Bash answered: one Bash answered: two' })
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'ok'])
    expect(tap.on('/v1/messages').map(({ status }) => status)).toEqual([200, 200])
  })

  it('warms its connection up on a path that Culvert does not have', async () => {
    const { run, tap } = await openWorld()
    const environment = { CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '' }
    const result = await run('[[scenario:text text="Warm."]]', { environment })
    expect(result).toMatchObject({ code: 0, result: 'Warm.' })
    expect(tap.on('/api/hello')).toMatchObject([{ method: 'HEAD', status: 404, answer: '' }])
  })
})
