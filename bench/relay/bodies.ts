import { seededRandom } from '../lib/measure.ts'

/** What the simulator is told to answer with. */
export interface AnswerShape {
  readonly frames: number
  /** Characters of text in a frame. */
  readonly bytes: number
  /** Frames of one write. */
  readonly chunk: number
  /** Milliseconds between writes; 0: as fast as they are read. */
  readonly intervalMs?: number
}

/** A request of one short message, in Anthropic's form. */
export function shortBody(shape: AnswerShape): Buffer {
  return encode([{ role: 'user', content: `Hello there. ${marker(shape)}` }], {})
}

/** The same as the bare relay would send it upstream. */
export function directBody(shape: AnswerShape): Buffer {
  const content = `Hello there. ${marker(shape)}`
  const conversationId = '00000000-0000-4000-8000-000000000000'
  const currentMessage = { userInputMessage: { content, modelId: 'claude-sonnet-4.5', origin: 'AI_EDITOR' } }
  return Buffer.from(
    JSON.stringify({ conversationState: { conversationId, chatTriggerType: 'MANUAL', currentMessage } }),
  )
}

/**
 * A turn late in a coding session, about 200 KB: instructions, two dozen tools with their schemas, and a history in
 * which files are read, searched and changed. Every seed gives other texts, because a client never sends the same
 * request twice and what is remembered of one must not make the next one cheap.
 */
export function largeBody(shape: AnswerShape, seed: number): Buffer {
  const random = seededRandom(seed)
  const messages: unknown[] = [{ role: 'user', content: prose(random, 1_500) }]
  let size = 0
  for (let turn = 0; size < 135_000; turn += 1) {
    const id = `toolu_${String(seed).padStart(6, '0')}${String(turn).padStart(8, '0')}`
    const result = code(random, 1_000 + Math.floor(random() * 6_000))
    const text = prose(random, 200)
    const input = { file_path: `/home/person/project/src/${word(random)}.ts`, offset: turn, limit: 200 }
    messages.push(
      {
        role: 'assistant',
        content: [
          { type: 'text', text },
          { type: 'tool_use', id, name: `Tool${turn % 24}`, input },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: [{ type: 'text', text: result }] }] },
    )
    size += result.length + text.length
  }
  messages.push(
    { role: 'assistant', content: [{ type: 'text', text: prose(random, 400) }] },
    { role: 'user', content: [{ type: 'text', text: `${prose(random, 300)} ${marker(shape)}` }] },
  )
  const system = [
    { type: 'text', text: 'You are a careful programmer.', cache_control: { type: 'ephemeral' } },
    { type: 'text', text: prose(random, 14_000), cache_control: { type: 'ephemeral' } },
  ]
  return encode(messages, { system, tools: Array.from({ length: 24 }, (_, index) => tool(random, index)) })
}

function encode(messages: readonly unknown[], rest: object): Buffer {
  return Buffer.from(
    JSON.stringify({ model: 'claude-sonnet-4-5-20250929', max_tokens: 32_000, stream: true, ...rest, messages }),
  )
}

function marker({ frames, bytes, chunk, intervalMs = 0 }: AnswerShape): string {
  return `[[scenario:bench frames=${frames} bytes=${bytes} chunk=${chunk} intervalMs=${intervalMs} novalidate]]`
}

function tool(random: () => number, index: number): object {
  const properties = Object.fromEntries(
    Array.from({ length: 5 }, (_, at) => [
      `${word(random)}_${at}`,
      { type: at % 2 === 0 ? 'string' : 'integer', description: prose(random, 120) },
    ]),
  )
  return {
    name: `Tool${index}`,
    description: prose(random, 700),
    input_schema: { type: 'object', properties, required: [Object.keys(properties)[0]], additionalProperties: false },
  }
}

const words =
  'the of a function value returns file when error test and request is not stream a this type index const buffer to'
    .split(' ')
    .concat('naïve configuration connection “quoted” repository implementation message account 42 0x1f'.split(' '))

function word(random: () => number): string {
  return words[Math.floor(random() * 20)] ?? 'a'
}

function prose(random: () => number, length: number): string {
  let text = ''
  while (text.length < length)
    text += `${words[Math.floor(random() * words.length)] ?? 'a'}${random() < 0.06 ? '.\n' : ' '}`
  return text.slice(0, length)
}

function code(random: () => number, length: number): string {
  let text = ''
  for (let line = 1; text.length < length; line += 1) {
    text += `${String(line).padStart(5)}→  const ${word(random)}${line} = ${word(random)}("${word(random)}", { ${word(random)}: ${line} })\n`
  }
  return text.slice(0, length)
}
