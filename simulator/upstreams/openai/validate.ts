import { isArray, isObject, type JsonObject, listOr, objectOr, parseJson, textOr } from '../../json.ts'
import { ChatRefused } from './faults.ts'

export interface ReadChat {
  readonly model: string
  readonly messages: readonly JsonObject[]
  readonly tools: readonly string[]
  readonly includeUsage: boolean
  readonly promptTokens: number
}

export const chatModels: readonly string[] = ['gpt-sim-large', 'gpt-sim-small', 'claude-sonnet-4-6']

const members: ReadonlySet<string> = new Set(
  (
    'model messages stream stream_options tools tool_choice parallel_tool_calls temperature top_p stop max_tokens ' +
    'max_completion_tokens response_format reasoning_effort seed user metadata store service_tier prompt_cache_key ' +
    'frequency_penalty presence_penalty logit_bias verbosity safety_identifier web_search_options'
  ).split(' '),
)

/** Reads and judges a request; throws `ChatRefused` in the service's words. */
export function readChat(body: unknown): ReadChat {
  if (!isObject(body)) throw new ChatRefused('We could not parse the JSON body of your request.')
  for (const name of Object.keys(body)) {
    if (!members.has(name)) throw new ChatRefused(`Unrecognized request argument supplied: ${name}`)
  }
  const model = textOr(body['model'])
  if (!chatModels.includes(model)) throw new ChatRefused(`The model ${model} does not exist`, 'model_not_found')
  const { messages } = body
  if (!isArray(messages) || messages.length === 0) throw new ChatRefused('[] is too short - messages')
  const read = messages.map((message) => objectOr(message))
  checkMessages(read)
  const tools = readTools(body)
  const stop = body['stop']
  if (isArray(stop) && stop.length > 4) throw new ChatRefused('stop: array too long. Expected maximum length 4.')
  const temperature = body['temperature']
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 2))
    throw new ChatRefused('temperature: 0..2')
  return {
    model,
    messages: read,
    tools,
    includeUsage: objectOr(body['stream_options'])['include_usage'] === true,
    promptTokens: Math.ceil(JSON.stringify(body).length / 4),
  }
}

function checkMessages(messages: readonly JsonObject[]): void {
  let open: string[] = []
  for (const [index, message] of messages.entries()) {
    const role = textOr(message['role'])
    if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(role)) {
      throw new ChatRefused(`Invalid value: '${role}' - messages[${index}].role`)
    }
    if (role === 'tool') {
      const id = textOr(message['tool_call_id'])
      if (!open.includes(id)) {
        throw new ChatRefused("messages with role 'tool' must be a response to a preceding message with 'tool_calls'.")
      }
      open = open.filter((each) => each !== id)
      if (typeof message['content'] !== 'string') throw new ChatRefused(`messages[${index}].content: expected a string`)
      continue
    }
    if (open.length > 0) {
      throw new ChatRefused(
        `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id': ${open.join(', ')}`,
      )
    }
    const calls = listOr(message['tool_calls']).map((call) => objectOr(call))
    open = calls.map((call) => checkCall(call, index))
    checkContent(message['content'], role, index, calls.length > 0)
  }
  if (open.length > 0) throw new ChatRefused(`tool calls without an answer: ${open.join(', ')}`)
}

function checkCall(call: JsonObject, index: number): string {
  const called = objectOr(call['function'])
  const isWhole = textOr(call['id']) !== '' && call['type'] === 'function' && textOr(called['name']) !== ''
  if (!isWhole || !isObject(parseJson(textOr(called['arguments'])))) {
    throw new ChatRefused(`messages[${index}].tool_calls: invalid`)
  }
  return textOr(call['id'])
}

function checkContent(content: unknown, role: string, index: number, hasCalls: boolean): void {
  if (typeof content === 'string' && content !== '') return
  if (content === null && role === 'assistant' && hasCalls) return
  if (isArray(content) && content.length > 0 && role === 'user') {
    const known = content.every((part) => ['text', 'image_url', 'file'].includes(textOr(objectOr(part)['type'])))
    if (known) return
  }
  throw new ChatRefused(`Invalid value for 'content' - messages[${index}].content`)
}

function readTools(body: JsonObject): readonly string[] {
  const tools = listOr(body['tools']).map((tool) => objectOr(objectOr(tool)['function']))
  for (const tool of tools) {
    if (!/^[a-zA-Z0-9_-]{1,64}$/u.test(textOr(tool['name']))) throw new ChatRefused('tools.function.name: invalid')
    if (objectOr(tool['parameters'])['type'] !== 'object')
      throw new ChatRefused('tools.function.parameters: not an object')
  }
  if (tools.length === 0 && body['tool_choice'] !== undefined) {
    throw new ChatRefused("'tool_choice' is only allowed when 'tools' are specified.")
  }
  return tools.map((tool) => textOr(tool['name']))
}
