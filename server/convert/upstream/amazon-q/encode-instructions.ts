import type { CompletionRequest } from '../../../canonical/request.ts'
import { asReminder } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import type { EncodedTools } from './encode-tools.ts'

/**
 * What the service has no member for, as text for the current message: demands on tool calls and on the answer's form,
 * tools that are not available. In the current message and not in the system text, because a prefix that stays the same
 * over the turns is what the service caches. Empty: nothing to say.
 */
export function encodeInstructions(request: CompletionRequest, tools: EncodedTools, log: RepairLog): string {
  const sentences: string[] = []
  for (const name of tools.serverTools) {
    sentences.push(`The tool "${name}" is not available here. Answer without it, and say so where it matters.`)
  }
  const choice = toolChoiceInstruction(request, tools)
  if (choice !== undefined) {
    log.add('tool-choice', 'tool_choice', request.toolChoice.type)
    sentences.push(choice)
  }
  if (request.outputFormat !== undefined) {
    log.add('output-format', 'output_format')
    sentences.push(
      'Answer with one JSON value and nothing else: no introduction, no explanation, no code fence. ' +
        `It must be valid against this JSON Schema: ${JSON.stringify(request.outputFormat.schema)}`,
    )
  }
  return sentences.length === 0 ? '' : asReminder(sentences.join('\n'))
}

function toolChoiceInstruction(request: CompletionRequest, tools: EncodedTools): string | undefined {
  const { toolChoice } = request
  if (toolChoice.type === 'none') {
    return tools.tools.length === 0 ? undefined : 'Do not call any tool in this answer. Answer in text only.'
  }
  if (tools.tools.length === 0) return undefined
  const single = toolChoice.parallel === false ? 'Call at most one tool in this answer.' : undefined
  if (toolChoice.type === 'auto') return single
  const name = toolChoice.type === 'tool' ? tools.names.find(toolChoice.name) : undefined
  // A demanded server tool is not there; its own notice says so, and no other tool was asked for.
  if (toolChoice.type === 'tool' && name === undefined) return single
  const demand =
    name === undefined
      ? 'This answer must call at least one of the tools.'
      : `This answer must call the tool "${name}".`
  return single === undefined ? demand : `${demand} ${single}`
}
