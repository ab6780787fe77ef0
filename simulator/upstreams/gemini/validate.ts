import { isArray, isObject, type JsonObject, listOr, objectOr } from '../../json.ts'
import type { GeminiModel } from './models.ts'
import { contentsViolation } from './validate-contents.ts'
import { schemaViolation } from './validate-schema.ts'

const requestMembers = new Set(
  'contents systemInstruction tools toolConfig generationConfig safetySettings cachedContent labels'.split(' '),
)
const configMembers = new Set(
  (
    'temperature topP topK maxOutputTokens stopSequences candidateCount responseMimeType responseSchema ' +
    'responseJsonSchema presencePenalty frequencyPenalty seed responseModalities mediaResolution thinkingConfig'
  ).split(' '),
)
const toolName = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/u

/** What the service would answer 400 for, in its words; undefined: it takes the request (gemini.md §4, §10). */
export function geminiViolation(body: unknown, model: GeminiModel): string | undefined {
  if (!isObject(body)) return 'Invalid JSON payload received.'
  return (
    unknownMember(body, requestMembers, '') ??
    systemViolation(body['systemInstruction']) ??
    toolsViolation(body) ??
    configViolation(objectOr(body['generationConfig']), model) ??
    contentsViolation(body['contents'], model.id)
  )
}

function unknownMember(value: JsonObject, known: ReadonlySet<string>, path: string): string | undefined {
  const name = Object.keys(value).find((member) => !known.has(member))
  return name === undefined
    ? undefined
    : `Invalid JSON payload received. Unknown name "${name}"${path}: Cannot find field.`
}

function systemViolation(system: unknown): string | undefined {
  if (system === undefined) return undefined
  if (!isObject(system)) return "Invalid value at 'system_instruction' (Content)."
  const parts = listOr(system['parts']).map(objectOr)
  const isText = parts.length > 0 && parts.every((part) => typeof part['text'] === 'string' && part['text'] !== '')
  return isText ? undefined : "system_instruction: required oneof field 'data' must have one initialized field"
}

function toolsViolation(body: JsonObject): string | undefined {
  const names = new Set<string>()
  for (const tool of listOr(body['tools']).map(objectOr)) {
    for (const declared of listOr(tool['functionDeclarations']).map(objectOr)) {
      const { name, parameters } = declared
      if (typeof name !== 'string' || !toolName.test(name))
        return 'Invalid function name. Must start with a letter or an underscore.'
      if (names.has(name)) return `Duplicate function declaration found: ${name}`
      names.add(name)
      if (typeof declared['description'] !== 'string') return `The function ${name} has no description.`
      const fault =
        parameters === undefined ? undefined : schemaViolation(parameters, `function_declarations[${name}].parameters`)
      if (fault !== undefined) return fault
    }
  }
  const config = objectOr(objectOr(body['toolConfig'])['functionCallingConfig'])
  const allowed = config['allowedFunctionNames']
  if (allowed === undefined) return undefined
  if (config['mode'] !== 'ANY') return 'Allowed function names only with mode ANY.'
  const foreign = isArray(allowed) ? allowed.find((name) => !names.has(String(name))) : 'none'
  return foreign === undefined ? undefined : `Allowed function name ${JSON.stringify(foreign)} is not declared.`
}

function configViolation(config: JsonObject, model: GeminiModel): string | undefined {
  const unknown = unknownMember(config, configMembers, " at 'generation_config'")
  if (unknown !== undefined) return unknown
  if (listOr(config['stopSequences']).length > 5) return 'stop_sequences: at most 5.'
  const limit = config['maxOutputTokens']
  if (typeof limit === 'number' && (limit < 1 || limit > 65_536)) return 'max_output_tokens out of range.'
  const schema = config['responseSchema']
  if (schema !== undefined) {
    const fault = schemaViolation(schema, 'generation_config.response_schema')
    if (fault !== undefined) return fault
  }
  const thinking = objectOr(config['thinkingConfig'])
  const { thinkingBudget: budget, thinkingLevel: level } = thinking
  if (budget !== undefined && level !== undefined) return 'thinking_budget and thinking_level are mutually exclusive.'
  if (level !== undefined && model.thinking !== 'level') return 'thinking_level is not supported for this model.'
  if (typeof budget !== 'number' || budget === -1) return undefined
  if (budget === 0 && model.least > 0) return 'Budget 0 is invalid. This model only works in thinking mode.'
  if (budget < model.least || budget > model.most) return `The thinking budget ${budget} is invalid.`
  if (typeof limit === 'number' && limit <= budget) return 'max_output_tokens must be greater than the thinking budget.'
  return undefined
}
