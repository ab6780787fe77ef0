import { numberParameter, textParameter } from '../directives.ts'
import { fragments, textFrame, type ScriptedFrame } from '../frames.ts'
import type { Answer, Scenario, Scene } from './scenario.ts'
import { speak } from './text.ts'

const thoughts = 'The person wants an answer. I compare two ways, and the shorter one is enough.'
const conclusion = 'I thought about it, and this is the answer.'

/** Native reasoning: text fragments, then the signature, then the answer (amazon-q.md §2.8, §3.3). */
const think: Scenario = (scene) => ({ body: nativeReasoning(scene) })

function* nativeReasoning(scene: Scene): Generator<ScriptedFrame> {
  yield* reason(scene)
  yield* speak(scene, textParameter(scene.parameters, 'text', conclusion))
}

/** The reasoning frames alone; without text when the request asked for it to be omitted. */
export function* reason(scene: Scene): Generator<ScriptedFrame> {
  for (const text of isOmitted(scene) ? [] : fragments(textParameter(scene.parameters, 'thoughts', thoughts))) {
    yield { event: 'reasoningContentEvent', payload: { text } }
  }
  yield { event: 'reasoningContentEvent', payload: { signature: scene.signatures.issue(scene.model.id) } }
}

/** Redacted reasoning only, as the GPT models send it. */
const thinkRedacted: Scenario = (scene) => ({
  body: [
    { event: 'reasoningContentEvent', payload: { redactedContent: scene.signatures.issue(scene.model.id) } },
    ...speak(scene, textParameter(scene.parameters, 'text', conclusion)),
  ],
})

/** Reasoning and then nothing. */
const thinkOnly: Scenario = (scene) => ({ body: reason(scene) })

/** Reasoning whose signature never comes. */
const thinkUnsigned: Scenario = (scene) => ({
  body: [
    ...fragments(thoughts).map((text) => ({ event: 'reasoningContentEvent', payload: { text } })),
    ...speak(scene, conclusion),
  ],
})

/** Thinking in tags, split over frames of `fragment` (3) characters, so that every tag is cut (amazon-q.md §2.8). */
const thinkTags: Scenario = (scene) =>
  tagged(scene, `<thinking>\n${textParameter(scene.parameters, 'thoughts', thoughts)}\n</thinking>\n\n${conclusion}`)

/** The tags stand in the middle of the text, in back-ticks: they are only talked about. */
const thinkTagsQuoted: Scenario = (scene) =>
  tagged(scene, 'Some models write `<thinking>` and `</thinking>` around their thoughts.\n\nThis one does not.')

/** The stream ends inside the tags: everything is thinking. */
const thinkTagsUnclosed: Scenario = (scene) => tagged(scene, `<thinking>\n${thoughts}`)

function tagged({ parameters, model }: Scene, text: string): Answer {
  const size = numberParameter(parameters, 'fragment', 3)
  return { body: fragments(text, size).map((part) => textFrame(part, model.id)) }
}

function isOmitted(scene: Scene): boolean {
  const { thinking } = scene.conversation.fields
  return typeof thinking === 'object' && thinking !== null && 'display' in thinking && thinking.display === 'omitted'
}

export const thinkingScenarios: Readonly<Record<string, Scenario>> = {
  think,
  'think-redacted': thinkRedacted,
  'think-only': thinkOnly,
  'think-unsigned': thinkUnsigned,
  'think-tags': thinkTags,
  'think-tags-quoted': thinkTagsQuoted,
  'think-tags-unclosed': thinkTagsUnclosed,
}
