import { numberParameter, textParameter } from '../directives.ts'
import { fragments, textFrame, type ScriptedFrame } from '../frames.ts'
import type { Answer, Scenario, Scene } from './scenario.ts'

/** Frames of one text, as the service streams it. */
export function* speak(scene: Scene, text: string): Generator<ScriptedFrame> {
  for (const part of fragments(text, numberParameter(scene.parameters, 'fragment', 16))) {
    yield textFrame(part, scene.model.id)
  }
}

/** An answer that is only a text. */
export function say(scene: Scene, text: string): Answer {
  return { body: speak(scene, text) }
}

/** `text="…"`, or a sentence that never changes. */
const text: Scenario = (scene) => say(scene, textParameter(scene.parameters, 'text', 'Hello from the simulator.'))

/** `frames` (1,000) of `bytes` (20) characters each; every one begins with its number, so that a lost one shows. */
export const longText: Scenario = (scene) => ({ body: countingFrames(scene) })

function* countingFrames({ parameters, model }: Scene): Generator<ScriptedFrame> {
  const frames = numberParameter(parameters, 'frames', 1_000)
  const bytes = numberParameter(parameters, 'bytes', 20)
  for (let index = 0; index < frames; index += 1) {
    yield textFrame(
      `${index} `.padEnd(Math.max(1, bytes - 1), 'lorem ipsum dolor ').slice(0, bytes - 1) + '\n',
      model.id,
    )
  }
}

/** Text of one to four bytes a character; with `chunk=1` every character is cut between network chunks. */
const utf8: Scenario = (scene) => say(scene, 'Grüße · 日本語のテキスト · 👩‍💻🎉 · naïve café — “quoted” ✓')

/** The two halves of a surrogate pair in two frames, as JSON escapes. */
const utf8SplitFrames: Scenario = ({ model }) => ({
  body: ['before ', '\ud83c', '\udf89', ' after'].map((part) => textFrame(part, model.id)),
})

/** Status 200, no frames at all. */
const emptyAnswer: Scenario = () => ({ body: [], tail: 'none', bare: true })

/** Only head and tail, no content. */
const noContent: Scenario = () => ({ body: [] })

/** Identical text frames one after another, as the service really sends them: all of them count. */
const duplicateFrames: Scenario = ({ model }) => ({
  body: ['line\n', 'line\n', 'line\n', '.', '.', '.'].map((part) => textFrame(part, model.id)),
})

/** Event types that nobody knows, and known ones that only carry decoration. */
const unknownEvents: Scenario = (scene) => ({
  body: [
    { event: 'brandNewEvent', payload: { anything: [1, { deep: null }] } },
    textFrame('Known ', scene.model.id),
    { event: 'intentsEvent', payload: { intents: { a: { b: 'c' } } } },
    { event: 'followupPromptEvent', payload: { followupPrompt: { content: 'And now?', userIntent: 'SHOW_EXAMPLES' } } },
    {
      event: 'supplementaryWebLinksEvent',
      payload: { supplementaryWebLinks: [{ url: 'https://example.com', title: 'x' }] },
    },
    { event: 'citationEvent', payload: { target: { location: 3 }, citationLink: 'https://example.com' } },
    textFrame('text.', scene.model.id),
    { event: 'anotherNewEvent', payload: 'not even an object' },
  ],
})

/** The payload wrapped once in an object of the event's name (amazon-q.md §3.2). */
const wrappedEvents: Scenario = ({ model }) => ({
  body: ['Wrapped ', 'once.'].map((content) => ({
    event: 'assistantResponseEvent',
    payload: { assistantResponseEvent: { content, modelId: model.id } },
  })),
})

/** A text frame that a codeReferenceEvent follows is sent again after it (amazon-q.md §3.4). */
const codeReference: Scenario = ({ model }) => ({
  body: [
    textFrame('Some ', model.id),
    textFrame('code()', model.id),
    {
      event: 'codeReferenceEvent',
      payload: { references: [{ licenseName: 'MIT', repository: 'example', url: 'https://example.com' }] },
    },
    textFrame('code()', model.id),
  ],
})

/** A tool call that leaked into the text (amazon-q.md §3.4). */
const leakedCall: Scenario = (scene) =>
  say(scene, `[Called ${scene.conversation.tools[0]?.name ?? 'Read'} with args: {"file_path": "/tmp/a"}]`)

/** Text without the tail that tells a complete answer from a cut one. */
const noTail: Scenario = (scene) => ({ ...text(scene), tail: 'none' })

/** The model refused. */
const refusal: Scenario = (scene) => ({
  ...say(scene, textParameter(scene.parameters, 'text', '')),
  stopReason: 'REFUSAL',
})

/** The output limit cut the answer. */
const length: Scenario = (scene) => ({
  ...say(scene, 'This answer was cut by the output limit in the middle of a'),
  stopReason: 'MAX_TOKENS',
})

/** The context window is full after this answer. */
const contextFull: Scenario = (scene) => ({
  ...say(scene, 'The context window is full now.'),
  contextUsagePercentage: numberParameter(scene.parameters, 'percentage', 100),
})

export const textScenarios: Readonly<Record<string, Scenario>> = {
  text,
  'long-text': longText,
  utf8,
  'utf8-split-frames': utf8SplitFrames,
  empty: emptyAnswer,
  'no-content': noContent,
  'duplicate-frames': duplicateFrames,
  'unknown-events': unknownEvents,
  'wrapped-events': wrappedEvents,
  'code-reference': codeReference,
  'leaked-call': leakedCall,
  'no-tail': noTail,
  refusal,
  length,
  'context-full': contextFull,
}
