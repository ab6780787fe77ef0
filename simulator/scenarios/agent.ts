import { findTool, type SeenTool } from '../conversation.ts'
import { textParameter } from '../directives.ts'
import type { JsonObject } from '../json.ts'
import { stepsOf, stepsWith, told, type Step } from './agent-state.ts'
import type { Answer, Scenario, Scene } from './scenario.ts'
import { reason } from './thinking.ts'
import { say } from './text.ts'
import { argumentsFor } from './tool-arguments.ts'
import { call, callTools } from './tools.ts'

/** `path` (/tmp/culvert-simulator.txt), `content`: writes a file, reads it back, then says what came. */
const writeAndRead: Scenario = (scene) => {
  const write = findTool(scene.conversation, 'Write', 'fs_write', 'write_file')
  const read = findTool(scene.conversation, 'Read', 'fs_read', 'read_file')
  if (write === undefined || read === undefined) return missing(scene, 'Write and Read')
  const path = textParameter(scene.parameters, 'path', '/tmp/culvert-simulator.txt')
  const content = textParameter(scene.parameters, 'content', 'Written by the simulator.\n')
  const steps = stepsOf(scene)
  const written = stepsWith(steps, write.name).at(0)
  if (written === undefined) {
    return callTools(scene, 'I write the file.', [prepared(scene, write, { file_path: path, path, content })])
  }
  if (written.result?.failed === true) return say(scene, `I could not write the file. ${told(written)}`)
  const seen = stepsWith(steps, read.name).at(0)
  if (seen === undefined) return callTools(scene, 'Now I read it.', [prepared(scene, read, { file_path: path, path })])
  return say(scene, `I wrote ${path} and read it back. ${told(seen)}`)
}

/** Two calls in one answer: two files (`path`, `path2`) with Read, else two commands with Bash. */
const parallelTools: Scenario = (scene) => {
  const steps = stepsOf(scene)
  if (steps.length > 0) return say(scene, `Both results are here. ${steps.map(told).join(' ')}`)
  const { parameters, conversation } = scene
  const read = findTool(conversation, 'Read', 'fs_read', 'read_file')
  const wanted = textParameter(parameters, 'tool', parameters['path'] === undefined ? 'Bash' : 'Read')
  const tool = findTool(conversation, wanted) ?? read ?? conversation.tools[0]
  if (tool === undefined) return missing(scene, 'any tool')
  const inputs = [
    textParameter(parameters, 'path', '/etc/hostname'),
    textParameter(parameters, 'path2', '/etc/os-release'),
  ].map((path, index) => ({
    file_path: path,
    path,
    command: textParameter(parameters, index === 0 ? 'command' : 'command2', `echo ${index === 0 ? 'one' : 'two'}`),
    description: `Simulated call ${index + 1}`,
  }))
  return callTools(
    scene,
    'I do two things at once.',
    inputs.map((input) => prepared(scene, tool, input)),
  )
}

/** Calls `Agent` (or `Task`) with `prompt`, `description`, `type`; the inner conversation gets a plain answer. */
const subAgent: Scenario = (scene) => {
  const agent = findTool(scene.conversation, 'Agent', 'Task')
  if (agent === undefined) return missing(scene, 'Agent')
  const step = stepsOf(scene).at(0)
  if (step !== undefined) return say(scene, `The sub-agent is done. ${told(step)}`)
  const input = {
    description: textParameter(scene.parameters, 'description', 'Count the messages'),
    prompt: textParameter(scene.parameters, 'prompt', 'Say in one sentence how many messages you can see.'),
    subagent_type: textParameter(scene.parameters, 'type', 'general-purpose'),
  }
  return callTools(scene, 'I ask a sub-agent.', [prepared(scene, agent, input)])
}

/** Reasoning with a signature before a tool call, and again before the text: what must be replayed unchanged. */
const thinkAndCall: Scenario = (scene) => {
  const steps = stepsOf(scene)
  const answer = steps.length > 0 ? say(scene, `Done. ${told(steps.at(-1))}`) : firstCall(scene)
  return { ...answer, body: [...reason(scene), ...answer.body] }
}

function firstCall(scene: Scene): Answer {
  const tool =
    findTool(scene.conversation, textParameter(scene.parameters, 'tool', 'Bash')) ?? scene.conversation.tools[0]
  if (tool === undefined) return missing(scene, 'any tool')
  return callTools(scene, 'I use a tool.', [
    prepared(scene, tool, { command: 'echo thinking', cmd: 'echo thinking', description: 'Echo' }),
  ])
}

/** `turns` (3): one call of the tool (`tool`, default Bash) per answer, so many answers, then a text. */
const toolLoop: Scenario = (scene) => {
  const tool =
    findTool(scene.conversation, textParameter(scene.parameters, 'tool', 'Bash')) ?? scene.conversation.tools[0]
  if (tool === undefined) return missing(scene, 'any tool')
  const steps: readonly Step[] = stepsOf(scene)
  const turns = Number(scene.parameters['turns'] ?? 3)
  if (steps.length >= turns) return say(scene, `I made ${steps.length} calls. ${told(steps.at(-1))}`)
  const command = textParameter(scene.parameters, 'command', `echo turn ${steps.length + 1}`)
  return callTools(scene, '', [
    prepared(scene, tool, { command, cmd: command, description: `Turn ${steps.length + 1}` }),
  ])
}

/** How many images came, in which formats and sizes: from the newest message that has some. */
const lookAtImage: Scenario = (scene) => {
  const images = scene.conversation.turns.findLast((turn) => turn.images.length > 0)?.images ?? []
  const list = images.map(({ format, bytes }) => `${format} of ${bytes} bytes`).join(', ')
  return say(scene, images.length === 0 ? 'I see no image.' : `I see ${images.length} image(s): ${list}.`)
}

function prepared(scene: Scene, tool: SeenTool, wanted: JsonObject): ReturnType<typeof call> {
  return call(scene, tool.name, argumentsFor(tool, wanted))
}

function missing(scene: Scene, what: string): Answer {
  return say(scene, `This scenario needs ${what}, and the request does not declare it.`)
}

export const agentScenarios: Readonly<Record<string, Scenario>> = {
  'write-and-read': writeAndRead,
  'parallel-tools': parallelTools,
  'sub-agent': subAgent,
  'think-and-call': thinkAndCall,
  'tool-loop': toolLoop,
  'look-at-image': lookAtImage,
}
