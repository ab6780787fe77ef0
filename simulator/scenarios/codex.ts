import { findTool, type SeenTool } from '../conversation.ts'
import { textParameter } from '../directives.ts'
import type { JsonObject } from '../json.ts'
import { stepsOf, told } from './agent-state.ts'
import type { Answer, Scenario, Scene } from './scenario.ts'
import { say } from './text.ts'
import { argumentsFor } from './tool-arguments.ts'
import { call, callTools } from './tools.ts'

interface Task {
  readonly path: string
  readonly content: string
  readonly changed: string
}

/**
 * `path` (culvert-simulator.txt), `content`, `changed` (one line each): writes a file by a command, changes it by a patch,
 * and says what is in it. With the tools of Codex: `exec_command` and `apply_patch`, or `exec`, which takes JavaScript.
 */
const patchFile: Scenario = (scene) => {
  const { conversation, parameters } = scene
  const task: Task = {
    path: textParameter(parameters, 'path', 'culvert-simulator.txt'),
    content: textParameter(parameters, 'content', 'Written by the simulator.'),
    changed: textParameter(parameters, 'changed', 'Changed by the simulator.'),
  }
  const script = findTool(conversation, 'exec')
  if (script !== undefined) return byScript(scene, script, task)
  const command = findTool(conversation, 'exec_command', 'shell_command', 'shell')
  const patch = findTool(conversation, 'apply_patch')
  if (command === undefined || patch === undefined) {
    return say(scene, 'This scenario needs exec_command and apply_patch, and the request does not declare them.')
  }
  const steps = stepsOf(scene)
  switch (steps.length) {
    case 0:
      return one(scene, 'I write the file.', command, { cmd: writing(task), command: writing(task) })
    case 1:
      return one(scene, 'Now I change it.', patch, { input: patching(task) })
    case 2:
      return one(scene, 'And I read it.', command, { cmd: `cat ${task.path}`, command: `cat ${task.path}` })
    default:
      return say(scene, `I changed ${task.path}. ${told(steps.at(-1))}`)
  }
}

function byScript(scene: Scene, script: SeenTool, task: Task): Answer {
  const steps = stepsOf(scene)
  if (steps.length > 0) return say(scene, `I changed ${task.path}. ${told(steps.at(-1))}`)
  const source = [
    `await tools.exec_command({ cmd: ${JSON.stringify(writing(task))} })`,
    `await tools.apply_patch(${JSON.stringify(patching(task))})`,
    `const read = await tools.exec_command({ cmd: ${JSON.stringify(`cat ${task.path}`)} })`,
    'text(read.output)',
  ]
  return one(scene, 'I do it all in one script.', script, { input: source.join('\n') })
}

function one(scene: Scene, sentence: string, tool: SeenTool, wanted: JsonObject): Answer {
  return callTools(scene, sentence, [call(scene, tool.name, argumentsFor(tool, wanted))])
}

function writing({ path, content }: Task): string {
  return `printf '%s\\n' '${content}' > ${path}`
}

function patching({ path, content, changed }: Task): string {
  return `*** Begin Patch\n*** Update File: ${path}\n@@\n-${content}\n+${changed}\n*** End Patch`
}

export const codexScenarios: Readonly<Record<string, Scenario>> = { 'patch-file': patchFile }
