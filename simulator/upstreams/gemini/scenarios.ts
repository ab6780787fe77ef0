import { isObject, type JsonObject, listOr, objectOr, textOr } from '../../json.ts'
import { geminiFaults } from './faults.ts'
import { callContent, sign } from './signatures.ts'

/** A request as the simulated model sees it. */
export interface GeminiScene {
  readonly model: string
  /** The text of the last user turn. */
  readonly text: string
  /** The results in the last user turn, as texts. */
  readonly results: readonly string[]
  /** Of the declared functions, in order. */
  readonly tools: readonly { readonly name: string; readonly parameters: JsonObject }[]
  readonly includeThoughts: boolean
}

export function readScene(body: unknown, model: string): GeminiScene {
  const root = objectOr(body)
  const last = listOr(objectOr(listOr(root['contents']).at(-1))['parts']).map(objectOr)
  const declared = listOr(root['tools']).flatMap((tool) => listOr(objectOr(tool)['functionDeclarations']))
  return {
    model,
    text: last.map((part) => textOr(part['text'])).join('\n'),
    results: last.flatMap((part) =>
      isObject(part['functionResponse']) ? [JSON.stringify(part['functionResponse']['response'])] : [],
    ),
    tools: declared
      .map(objectOr)
      .map((tool) => ({ name: textOr(tool['name']), parameters: objectOr(tool['parameters']) })),
    includeThoughts: objectOr(objectOr(root['generationConfig'])['thinkingConfig'])['includeThoughts'] === true,
  }
}

const thought = 'I look at the question first, then I answer.'
const usage = {
  promptTokenCount: 1_200,
  candidatesTokenCount: 30,
  thoughtsTokenCount: 210,
  totalTokenCount: 1_440,
  cachedContentTokenCount: 900,
}

/** The chunks of an answer: the scenario named in `[[gemini:NAME]]`, else what the request suggests. */
export function chunksFor(scene: GeminiScene): readonly unknown[] {
  const name = /\[\[gemini:([\w-]+)\]\]/u.exec(scene.text)?.[1]
  const scenario = scenarios[name ?? '']
  if (scenario !== undefined) return scenario(scene)
  return scene.results.length > 0
    ? said(scene, `The tools said: ${scene.results.join(', ')}`)
    : said(scene, 'Hello from Gemini. ✓')
}

const scenarios: Readonly<Record<string, (scene: GeminiScene) => readonly unknown[]>> = {
  tool: (scene) => called(scene, 1, false),
  'tool-with-id': (scene) => called(scene, 1, true),
  'parallel-tools': (scene) => called(scene, 2, false),
  blocked: () => [{ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: usage }],
  safety: () => [chunk([{ text: 'I begin, ' }]), chunk([], 'SAFETY')],
  'max-tokens': () => [chunk([{ text: 'As far as' }], 'MAX_TOKENS')],
  'no-finish': () => [chunk([{ text: 'I am cut' }])],
  empty: () => [chunk([], 'STOP')],
  'malformed-call': () => [chunk([], 'MALFORMED_FUNCTION_CALL')],
  'error-first': () => [geminiFaults['overloaded']?.body],
  'error-list': () => [[geminiFaults['overloaded']?.body]],
  'error-later': () => [chunk([{ text: 'I begin' }]), geminiFaults['internal']?.body],
}

/** Thoughts and text in pieces, the usage repeated, a signature on an empty part at the end. */
function said(scene: GeminiScene, text: string): readonly unknown[] {
  const { model } = scene
  const middle = Math.floor(text.length / 2)
  return [
    ...thoughts(scene, sign({ model, place: 'thought', content: thought })),
    chunk([{ text: text.slice(0, middle) }]),
    chunk([{ text: text.slice(middle) }]),
    chunk([{ text: '', thoughtSignature: sign({ model, place: 'text', content: text }) }], 'STOP'),
  ]
}

/** Whole calls, each in a chunk of its own; only the first is signed (gemini.md §4.4 rule 1). */
function called(scene: GeminiScene, count: number, withId: boolean): readonly unknown[] {
  const calls = Array.from({ length: count }, (_, index) => {
    const tool = scene.tools[index % Math.max(1, scene.tools.length)] ?? { name: 'missing', parameters: {} }
    const args = argumentsFor(tool.parameters, index)
    const functionCall = { ...(withId ? { id: `gem-${index + 1}` } : {}), name: tool.name, args }
    const content = callContent(tool.name, args)
    return index === 0
      ? { functionCall, thoughtSignature: sign({ model: scene.model, place: 'call', content }) }
      : { functionCall }
  })
  return [
    ...thoughts(scene, undefined),
    chunk([{ text: 'I use the tools.' }]),
    ...calls.map((part, index) => chunk([part], index === calls.length - 1 ? 'STOP' : undefined)),
  ]
}

function thoughts({ includeThoughts }: GeminiScene, signature: string | undefined): readonly unknown[] {
  if (!includeThoughts) return []
  const middle = 12
  return [
    chunk([{ text: thought.slice(0, middle), thought: true }]),
    chunk([
      {
        text: thought.slice(middle),
        thought: true,
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
      },
    ]),
  ]
}

function argumentsFor(parameters: JsonObject, seed: number): JsonObject {
  const properties = Object.entries(objectOr(parameters['properties'])).map(([name, property]) => {
    const { type, enum: listed } = objectOr(property)
    if (type === 'number' || type === 'integer') return [name, seed + 1]
    if (type === 'boolean') return [name, true]
    if (type === 'array') return [name, []]
    if (type === 'object') return [name, {}]
    return [name, listOr(listed)[0] ?? `value ${seed + 1}`]
  })
  return Object.fromEntries(properties) as JsonObject
}

function chunk(parts: readonly object[], finishReason?: string): object {
  return {
    candidates: [
      { content: { role: 'model', parts }, ...(finishReason === undefined ? {} : { finishReason }), index: 0 },
    ],
    usageMetadata: usage,
    modelVersion: 'simulated',
    responseId: 'sim',
  }
}
