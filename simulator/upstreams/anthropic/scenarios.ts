import { findDirective } from '../../directives.ts'
import { textOr } from '../../json.ts'
import type { AnthropicState } from './state.ts'
import type { ReadRequest } from './validate.ts'
import type { ReadMessage } from './validate-messages.ts'

/** An answer, before it becomes events. */
export interface Answer {
  readonly blocks: readonly AnswerBlock[]
  readonly stopReason: string
  readonly stopSequence?: string
  /** `cut`: the connection dies after the blocks. `error`: an error event comes after them. */
  readonly end?: 'cut' | 'error'
}

export type AnswerBlock =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'thinking'; readonly text: string; readonly signature: string }
  | { readonly type: 'redacted'; readonly data: string }
  /** A block of a tool that the service runs itself; `input` comes as deltas. */
  | { readonly type: 'own'; readonly value: object; readonly input?: object }
  /** `json` may be cut. */
  | { readonly type: 'tool'; readonly id: string; readonly name: string; readonly json: string }

const UTF8 = 'Grüße 你好 👩‍👩‍👧‍👦 𝕬 — “ßs” 🇪🇺'

/** What a scenario answers, by its name. Markers in the newest message of the person choose one. */
export const anthropicScenarios: Readonly<Record<string, (request: ReadRequest, state: AnthropicState) => Answer>> = {
  text: (request) => said(`You said: ${words(lastOf(request))}`),
  utf8: () => said(UTF8),
  thinking: (request, state) => said('Thought through.', thought(request, state)),
  redacted: ({ model }, state) =>
    said('Thought in secret.', [{ type: 'redacted', data: state.sign(model.id, 'redacted') }]),
  tools: (request, state) => calls(request, state, 1),
  parallel: (request, state) => calls(request, state, 2),
  truncated: () => ({ ...said('This ends in the mid'), end: 'cut' }),
  'error-midstream': () => ({ ...said('This ends in an err'), end: 'error' }),
  refusal: () => ({ blocks: [], stopReason: 'refusal' }),
  empty: () => ({ blocks: [], stopReason: 'end_turn' }),
  length: () => ({ ...said('This was cut by the limit of tok'), stopReason: 'max_tokens' }),
  'length-in-tool': (request, state) => ({
    blocks: [
      { type: 'text', text: 'I write.' },
      { type: 'tool', id: state.toolId(), name: textOr(request.tools[0]?.['name']), json: '{"path":"/tm' },
    ],
    stopReason: 'max_tokens',
  }),
  'web-search': (_request, state) => searched(state, 'end_turn'),
  'web-search-paused': (_request, state) => searched(state, 'pause_turn'),
  'stop-sequence': () => ({ ...said('One, two'), stopReason: 'stop_sequence', stopSequence: 'three' }),
}

/** The answer to a request: what its newest words ask for; after tool results a closing word. */
export function answerTo(
  request: ReadRequest,
  state: AnthropicState,
): { readonly name: string; readonly answer: Answer } {
  const last = lastOf(request)
  const results = last?.blocks.filter((block) => block['type'] === 'tool_result').length ?? 0
  const marker = findDirective(words(last), 'scenario')
  if (marker === undefined && results > 0) {
    return { name: 'results', answer: said(`Got ${results} results.`, request.thinks ? thought(request, state) : []) }
  }
  const name = marker?.name ?? 'text'
  const scenario = anthropicScenarios[name] ?? anthropicScenarios['text']
  return { name, answer: scenario?.(request, state) ?? said('') }
}

function searched(state: AnthropicState, stopReason: string): Answer {
  const id = `srv${state.toolId()}`
  const found = {
    type: 'web_search_result',
    url: 'https://example.org/',
    title: 'Example',
    encrypted_content: 'RW5jcnlwdGVk',
    page_age: null,
  }
  return {
    blocks: [
      { type: 'own', value: { type: 'server_tool_use', id, name: 'web_search' }, input: { query: 'example' } },
      { type: 'own', value: { type: 'web_search_tool_result', tool_use_id: id, content: [found] } },
      { type: 'text', text: 'I found an example.' },
    ],
    stopReason,
  }
}

function calls(request: ReadRequest, state: AnthropicState, count: number): Answer {
  const tools = request.tools.filter((tool) => tool['input_schema'] !== undefined).slice(0, count)
  const names = Array.from({ length: count }, (_, index) => textOr((tools[index] ?? tools[0])?.['name']))
  return {
    blocks: [
      ...(request.thinks ? thought(request, state) : []),
      { type: 'text', text: 'I use a tool.' },
      ...names.map((name, index) => ({
        type: 'tool' as const,
        id: state.toolId(),
        name,
        json: JSON.stringify({ path: `/tmp/${index}.txt`, content: UTF8 }),
      })),
    ],
    stopReason: 'tool_use',
  }
}

function thought({ model, showsThinking }: ReadRequest, state: AnthropicState): readonly AnswerBlock[] {
  const text = showsThinking ? 'Let me see. It is simple.' : ''
  return [{ type: 'thinking', text, signature: state.sign(model.id, text) }]
}

function said(text: string, before: readonly AnswerBlock[] = []): Answer {
  return { blocks: [...before, { type: 'text', text }], stopReason: 'end_turn' }
}

function lastOf(request: ReadRequest): ReadMessage | undefined {
  return request.messages.at(-1)
}

function words(message: ReadMessage | undefined): string {
  return (message?.blocks ?? []).map((block) => (block['type'] === 'text' ? textOr(block['text']) : '')).join('\n')
}
