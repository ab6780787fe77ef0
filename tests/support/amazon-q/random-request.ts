import type { JsonObject, JsonValue } from '../../../server/canonical/json.ts'
import type { CompletionRequest, ContentBlock, Message, Tool } from '../../../server/canonical/request.ts'
import type { Random } from '../random.ts'
import { randomSchema } from './random-schema.ts'

const TEXTS = [
  '',
  ' ',
  '\n\t',
  'hello',
  'a longer text with "quotes" and \\ slashes',
  '<thinking>x</thinking>',
  '𝒳 ünï',
  '\u0000',
]
const NAMES = [
  'Bash',
  'bash',
  'Read',
  'mcp__server__tool',
  'with space',
  'ünï',
  '',
  'x'.repeat(64),
  'x'.repeat(200),
  'y.z',
]
const IDS = ['toolu_1', 'toolu_2', 'toolu_3', 'call|odd:id', '', 'z'.repeat(65), 'ünï', 'a', 'b']
const MODELS = ['claude-sonnet-4.5', 'claude-opus-4.6', 'claude-opus-4.8', 'gpt-5.6-sol', 'auto', 'qwen3-coder-next']

const PICTURE: ContentBlock = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' } }

/** A canonical request as messy as no client would send it: any order, any ids, any schema. */
export function randomRequest(random: Random): CompletionRequest {
  const model = random.pick(MODELS)
  const tools = list(random, 6, () => randomTool(random))
  return {
    model,
    system: list(random, 3, () => ({ type: 'text' as const, text: random.pick(TEXTS) })),
    messages: [randomMessage(random, model), ...list(random, 14, () => randomMessage(random, model))],
    tools,
    toolChoice: random.pick([
      { type: 'auto' as const },
      { type: 'auto' as const, parallel: false },
      { type: 'any' as const },
      { type: 'none' as const },
      { type: 'tool' as const, name: random.pick(NAMES) },
    ]),
    sampling: random.chance(0.3) ? { temperature: 1, maxOutputTokens: 1000, stopSequences: ['', 'x'] } : {},
    ...(random.chance(0.5) && {
      reasoning: random.pick([
        { mode: 'off' as const },
        { mode: 'adaptive' as const, effort: 'minimal' as const },
        { mode: 'budget' as const, budgetTokens: random.below(100_000) },
      ]),
    }),
    ...(random.chance(0.1) && { outputFormat: { type: 'json-schema' as const, schema: { type: 'object' } } }),
    stream: true,
    extras: {},
  }
}

function randomMessage(random: Random, model: string): Message {
  const role = random.pick(['user', 'user', 'assistant', 'assistant', 'system'] as const)
  if (random.chance(0.05)) return { role: 'user', content: Array.from({ length: 8 }, () => PICTURE) }
  return { role, content: list(random, 5, () => randomBlock(random, model)) }
}

function randomBlock(random: Random, model: string): ContentBlock {
  const origin = random.pick([
    { upstream: 'amazon-q' as const, model },
    { upstream: 'amazon-q' as const, model: 'other' },
    { upstream: 'unknown' as const },
  ])
  const image = {
    type: 'image' as const,
    source: { type: 'base64' as const, mediaType: randomMediaType(random), data: 'QUJD' },
  }
  const document = {
    type: 'document' as const,
    source: random.pick([
      { type: 'text' as const, text: random.pick(TEXTS) },
      { type: 'base64' as const, mediaType: 'application/pdf', data: 'QUJD' },
      { type: 'base64' as const, mediaType: 'text/plain', data: '' },
      { type: 'url' as const, url: 'http://127.0.0.1/x' },
    ]),
  }
  const text = { type: 'text' as const, text: random.pick(TEXTS) }
  switch (random.below(9)) {
    case 0:
      return image
    case 1:
      return document
    case 2:
    case 3:
      return { type: 'tool-use', id: random.pick(IDS), name: random.pick(NAMES), input: randomInput(random) }
    case 4:
    case 5: {
      const content = list(random, 3, () => random.pick([text, image, document]))
      return { type: 'tool-result', toolUseId: random.pick(IDS), content, isError: random.chance(0.3) }
    }
    case 6:
      return {
        type: 'reasoning',
        text: random.pick(TEXTS),
        ...(random.chance(0.6) && { signature: { origin, value: 's' } }),
        ...(random.chance(0.2) && { redacted: { origin, value: 'r' } }),
      }
    case 7:
      return { type: 'foreign', dialect: 'anthropic', value: {}, text: random.pick(TEXTS) }
    default:
      return text
  }
}

function randomMediaType(random: Random): string {
  return random.pick(['image/png', 'image/jpeg', 'image/webp', 'image/tiff', ''])
}

function randomInput(random: Random): JsonObject {
  const raw = random.pick(['{"a":1}', '{"a":', '[1]', ''])
  return random.pick<Record<string, JsonValue>>([
    {},
    { a: null },
    { b: [1, { c: 'd' }] },
    { __unparsedToolInput: { raw, len: 3 } },
  ])
}

function randomTool(random: Random): Tool {
  const name = random.pick(NAMES)
  if (random.chance(0.1)) {
    return { name, description: '', server: { dialect: 'anthropic', value: { type: 'web_search_20250305' } } }
  }
  const description = random.pick(['', '  ', 'Does things.', 'long '.repeat(3_000), 'x'.repeat(11_000)])
  return { name, description, ...(random.chance(0.9) && { inputSchema: randomSchema(random) }) }
}

function list<Item>(random: Random, limit: number, make: () => Item): Item[] {
  return Array.from({ length: random.below(limit + 1) }, make)
}
