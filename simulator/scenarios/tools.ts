import type { SeenTool } from '../conversation.ts'
import { findTool } from '../conversation.ts'
import { numberParameter, textParameter } from '../directives.ts'
import { textFrame, toolFrames, type ScriptedFrame, type ToolCall } from '../frames.ts'
import type { JsonObject } from '../json.ts'
import { stepsOf, told } from './agent-state.ts'
import type { Answer, Scenario, Scene } from './scenario.ts'
import { say, speak } from './text.ts'
import { argumentsFor } from './tool-arguments.ts'

/** Parameters of the scenario itself; all others are arguments of the tool. */
const own: ReadonlySet<string> = new Set([
  'tool',
  'again',
  'usage',
  'chunk',
  'delay',
  'fragment',
  'bytes',
  'text',
  'input',
])

/** A new call of the tool with those arguments. */
export function call(scene: Scene, name: string, input: JsonObject): ToolCall {
  return { id: scene.ids.token('tooluse_', 22), name, input: JSON.stringify(input) }
}

/** Makes the calls in one answer, each streamed as the service does, after a sentence. */
export function callTools(scene: Scene, sentence: string, calls: readonly ToolCall[]): Answer {
  return { body: callFrames(scene, sentence, calls), stopReason: 'TOOL_USE' }
}

function* callFrames(scene: Scene, sentence: string, calls: readonly ToolCall[]): Generator<ScriptedFrame> {
  if (sentence !== '') yield* speak(scene, sentence)
  for (const each of calls) yield* toolFrames(each)
}

/**
 * A scenario of one odd tool call: `make` says how it is streamed. Once its result is there the answer is a text; with
 * `again` it is made whatever happened before, as one step of a script. The tool is the `tool` parameter's, else the
 * first one declared.
 */
function oddCall(make: (tool: SeenTool, scene: Scene, id: string) => Iterable<ScriptedFrame>): Scenario {
  return (scene) => {
    const steps = stepsOf(scene)
    if (steps.length > 0 && scene.parameters['again'] !== true) return say(scene, `Done. ${told(steps.at(-1))}`)
    const wanted = textParameter(scene.parameters, 'tool', '')
    const tool =
      wanted === ''
        ? scene.conversation.tools[0]
        : (findTool(scene.conversation, wanted) ?? { name: wanted, description: '', schema: {} })
    if (tool === undefined) return say(scene, 'I would call a tool now, but the request declares none.')
    return { body: make(tool, scene, scene.ids.token('tooluse_', 22)), stopReason: 'TOOL_USE' }
  }
}

function inputOf(tool: SeenTool, scene: Scene): JsonObject {
  const wanted = Object.entries(scene.parameters).filter(([name]) => !own.has(name))
  return argumentsFor(tool, Object.fromEntries(wanted))
}

/** `tool=Bash command="ls"`: one call, then a text. `input="…"` gives the raw JSON text of the input instead. */
const tool = oddCall((declared, scene, id) => {
  const input = textParameter(scene.parameters, 'input', JSON.stringify(inputOf(declared, scene)))
  return toolFrames({ id, name: declared.name, input })
})

/** A call whose input never comes: it means `{}`. */
const withoutArguments = oddCall(({ name }, _scene, toolUseId) => [
  { event: 'toolUseEvent', payload: { toolUseId, name } },
  { event: 'toolUseEvent', payload: { toolUseId, name, stop: true } },
])

/** The input as an object instead of text fragments (amazon-q.md §3.4). */
const objectInput = oddCall((declared, scene, toolUseId) => [
  { event: 'toolUseEvent', payload: { toolUseId, name: declared.name, input: inputOf(declared, scene), stop: true } },
])

/** Fragments after the first without id and name (amazon-q.md §3.4). */
const namelessFragments = oddCall((declared, scene, toolUseId) => {
  const input = JSON.stringify(inputOf(declared, scene))
  const middle = Math.floor(input.length / 2)
  return [
    { event: 'toolUseEvent', payload: { toolUseId, name: declared.name } },
    { event: 'toolUseEvent', payload: { input: input.slice(0, middle) } },
    { event: 'toolUseEvent', payload: { input: input.slice(middle) } },
    { event: 'toolUseEvent', payload: { stop: true } },
  ]
})

/** An input of `bytes` (200,000) characters in one string argument, in fragments of 400. */
const largeInput = oddCall((declared, scene, id) => {
  const filler = 'x'.repeat(Math.max(0, numberParameter(scene.parameters, 'bytes', 200_000) - 20))
  const wanted = Object.keys(inputOf(declared, scene))
  const argument = wanted.includes('content') ? 'content' : (wanted.at(-1) ?? 'content')
  const input = JSON.stringify({ ...inputOf(declared, scene), [argument]: filler })
  return toolFrames({ id, name: declared.name, input }, { size: 400 })
})

/** The input breaks off in the middle, and no stop comes: the call was cut. */
const truncated = oddCall((declared, scene, id) => {
  const input = JSON.stringify({ ...inputOf(declared, scene), more: 'this text never ends' })
  return toolFrames({ id, name: declared.name, input: input.slice(0, -14) }, { stop: false })
})

/** A stop comes, but the text before it is no JSON. */
const invalidJson = oddCall(({ name }, _scene, id) => toolFrames({ id, name, input: '{"path": "/tmp/a' }))

/** The input is JSON, but no object. */
const arrayInput = oddCall(({ name }, _scene, id) => toolFrames({ id, name, input: '["not", "an", "object"]' }))

/** A whole input, and no stop. */
const missingStop = oddCall((declared, scene, id) =>
  toolFrames({ id, name: declared.name, input: JSON.stringify(inputOf(declared, scene)) }, { stop: false }),
)

/** The same call twice with the same id: the second one is an echo. */
const duplicate = oddCall((declared, scene, id) => {
  const frames = [...toolFrames({ id, name: declared.name, input: JSON.stringify(inputOf(declared, scene)) })]
  return [...frames, ...frames]
})

/** Text before, between and after two calls. */
const betweenTexts = oddCall((declared, scene, id) => {
  const input = JSON.stringify(inputOf(declared, scene))
  return [
    textFrame('First a call.', scene.model.id),
    ...toolFrames({ id, name: declared.name, input }),
    textFrame('Now another.', scene.model.id),
    ...toolFrames({ id: scene.ids.token('tooluse_', 22), name: declared.name, input }),
    textFrame('That was all.', scene.model.id),
  ]
})

export const toolScenarios: Readonly<Record<string, Scenario>> = {
  tool,
  'tool-no-arguments': withoutArguments,
  'tool-object-input': objectInput,
  'tool-nameless-fragments': namelessFragments,
  'tool-large-input': largeInput,
  'tool-truncated': truncated,
  'tool-invalid-json': invalidJson,
  'tool-array-input': arrayInput,
  'tool-missing-stop': missingStop,
  'tool-duplicate': duplicate,
  'tool-between-texts': betweenTexts,
}
