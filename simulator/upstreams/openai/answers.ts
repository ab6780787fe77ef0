import { findDirective } from '../../directives.ts'
import { listOr, objectOr, textOr } from '../../json.ts'
import type { OpenAiState } from './state.ts'
import type { ReadChat } from './validate.ts'

const UTF8 = 'Grüße 你好 👩‍👩‍👧‍👦 𝕬 — “ßs” 🇪🇺'

/** The whole stream of an answer as text, and whether the connection dies at its end. */
export interface ChatAnswer {
  readonly name: string
  readonly text: string
  readonly isCut: boolean
}

/** What the newest words ask for by a marker; after tool results a closing word. */
export function answerChat(request: ReadChat, state: OpenAiState): ChatAnswer {
  const lastUser = request.messages.findLastIndex(({ role }) => role === 'user')
  const results = request.messages.slice(request.messages.findLastIndex(({ role }) => role === 'assistant') + 1)
  const isAnswered = request.messages.at(-1)?.['role'] === 'tool'
  const words = wordsOf(request.messages[lastUser]?.['content'])
  const marker = isAnswered ? undefined : findDirective(words, 'scenario')
  const name = marker?.name ?? (isAnswered ? 'results' : 'text')
  const { deltas, finish } = playOf(name, words, results.length, request, state)
  return { name, text: streamOf(deltas, finish, request, state), isCut: finish === 'cut' }
}

interface Play {
  readonly deltas: readonly object[]
  readonly finish: string
}

function playOf(name: string, words: string, results: number, request: ReadChat, state: OpenAiState): Play {
  switch (name) {
    case 'results':
      return said(`Got ${results} results.`)
    case 'utf8':
      return said(UTF8)
    case 'reasoning':
      return {
        deltas: [...pieces('Let me see.').map((text) => ({ reasoning_content: text })), ...said('So it is.').deltas],
        finish: 'stop',
      }
    case 'tools':
      return calls(request, state, 1)
    case 'parallel':
      return calls(request, state, 2)
    case 'truncated':
      return { ...said('This ends in the mid'), finish: 'cut' }
    case 'error-midstream':
      return { ...said('This ends in an err'), finish: 'error' }
    case 'length':
      return { ...said('This was cut'), finish: 'length' }
    case 'refusal':
      return { deltas: [], finish: 'content_filter' }
    default:
      return said(`You said: ${words}`)
  }
}

function calls(request: ReadChat, state: OpenAiState, count: number): Play {
  const json = JSON.stringify({ path: '/tmp/0.txt', content: UTF8 })
  const deltas = Array.from({ length: count }, (_, index) => [
    {
      tool_calls: [
        {
          index,
          id: state.id('call_'),
          type: 'function',
          function: { name: request.tools[index] ?? request.tools[0] ?? '', arguments: '' },
        },
      ],
    },
    ...pieces(json).map((text) => ({ tool_calls: [{ index, function: { arguments: text } }] })),
  ]).flat()
  return { deltas, finish: 'tool_calls' }
}

function said(text: string): Play {
  return { deltas: pieces(text).map((content) => ({ content })), finish: 'stop' }
}

function streamOf(deltas: readonly object[], finish: string, request: ReadChat, state: OpenAiState): string {
  const head = {
    id: state.id('chatcmpl-'),
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: request.model,
  }
  const lines: string[] = []
  const send = (rest: object): void => void lines.push(`data: ${JSON.stringify({ ...head, ...rest })}\n\n`)
  send({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] })
  for (const delta of deltas) send({ choices: [{ index: 0, delta, finish_reason: null }] })
  if (finish === 'cut') return lines.join('')
  if (finish === 'error') {
    send({ error: { message: 'Overloaded.', type: 'server_error', code: 'server_is_overloaded' } })
    return lines.join('')
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: finish }] })
  const usage = {
    prompt_tokens: request.promptTokens,
    completion_tokens: deltas.length,
    prompt_tokens_details: { cached_tokens: 4 },
    completion_tokens_details: { reasoning_tokens: 0 },
  }
  if (request.includeUsage) send({ choices: [], usage })
  return `${lines.join('')}data: [DONE]\n\n`
}

function pieces(text: string): readonly string[] {
  const characters = Array.from(text)
  return Array.from({ length: Math.ceil(characters.length / 5) }, (_, at) =>
    characters.slice(at * 5, at * 5 + 5).join(''),
  )
}

function wordsOf(content: unknown): string {
  if (typeof content === 'string') return content
  return listOr(content)
    .map((part) => textOr(objectOr(part)['text']))
    .join('\n')
}
