import { isArray, isObject, type JsonObject, listOr, objectOr, textOr } from '../../json.ts'
import { callContent, isSignatureOf, placeholderSignature } from './signatures.ts'

const partKinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse'] as const
const partMembers = new Set<string>([...partKinds, 'thought', 'thoughtSignature'])

/** What the service would object to in `contents` (gemini.md §4.2, §4.4), or undefined. */
export function contentsViolation(contents: unknown, model: string): string | undefined {
  if (!isArray(contents) || contents.length === 0) return 'contents is not specified'
  let before: JsonObject | undefined
  const loop = activeLoopStart(contents)
  for (const [index, content] of contents.entries()) {
    if (!isObject(content)) return `contents[${index}]: not an object`
    const { role, parts } = content
    if (role !== 'user' && role !== 'model') return 'Please use a valid role: user, model.'
    if (role === before?.['role']) return 'Please ensure that multiturn requests alternate between user and model.'
    if (!isArray(parts) || parts.length === 0) return `contents[${index}].parts must not be empty`
    const fault =
      listOr(parts)
        .map((part) => partViolation(part, model, index))
        .find((found) => found !== undefined) ??
      pairViolation(before, content) ??
      (role === 'model' && index > loop ? signatureMissing(content, model) : undefined)
    if (fault !== undefined) return fault
    before = content
  }
  if (objectOr(contents[0])['role'] !== 'user') return 'The conversation must begin with a user turn.'
  if (before?.['role'] === 'model' && members(before, 'functionCall').length > 0) return mismatch
  return undefined
}

const mismatch =
  'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.'

function partViolation(part: unknown, model: string, index: number): string | undefined {
  if (!isObject(part)) return `contents[${index}].parts: not an object`
  const unknown = Object.keys(part).find((name) => !partMembers.has(name))
  if (unknown !== undefined) return `Unknown name "${unknown}" at 'contents[${index}].parts[0]': Cannot find field.`
  const kinds = partKinds.filter((kind) => part[kind] !== undefined)
  if (kinds.length !== 1 || part['text'] === '') {
    return `contents[${index}].parts: required oneof field 'data' must have one initialized field`
  }
  const signature = part['thoughtSignature']
  if (signature === undefined) return undefined
  if (typeof signature !== 'string' || signature === '') return 'Invalid `signature`.'
  if (kinds[0] === 'functionResponse') return 'thought_signature is not allowed on a function response.'
  if (signature === placeholderSignature) return undefined
  const call = objectOr(part['functionCall'])
  const fits =
    kinds[0] === 'functionCall'
      ? isSignatureOf(signature, { model, place: 'call', content: callContent(call['name'], call['args']) })
      : isSignatureOf(signature, {
          model,
          place: part['thought'] === true ? 'thought' : 'text',
          content: textOr(part['text']),
        })
  return fits ? undefined : 'Corrupted thought signature.'
}

/** As many answers as calls, the same names and ids, in the same order, and answers only after calls. */
function pairViolation(before: JsonObject | undefined, content: JsonObject): string | undefined {
  const calls = before?.['role'] === 'model' ? members(before, 'functionCall') : []
  const answers = members(content, 'functionResponse')
  if (content['role'] === 'model') return answers.length > 0 ? mismatch : undefined
  if (members(content, 'functionCall').length > 0 || answers.length !== calls.length) return mismatch
  for (const [index, answer] of answers.entries()) {
    const call = calls[index]
    if (answer['name'] !== call?.['name']) return 'A function response has another name than its call.'
    if (answer['id'] !== call?.['id']) return 'A function response has another id than its call.'
    if (!isObject(answer['response'])) return 'function_response.response must be an object.'
  }
  return undefined
}

function signatureMissing(content: JsonObject, model: string): string | undefined {
  if (!model.startsWith('gemini-3')) return undefined
  const first = listOr(content['parts'])
    .map(objectOr)
    .find((part) => part['functionCall'] !== undefined)
  if (first === undefined || first['thoughtSignature'] !== undefined) return undefined
  return `Function call is missing a thought_signature in functionCall parts. Function call \`${textOr(objectOr(first['functionCall'])['name'])}\`.`
}

/** The index of the last user turn with text and no function response: what follows is the active loop. */
function activeLoopStart(contents: readonly unknown[]): number {
  return contents.findLastIndex((entry) => {
    const content = objectOr(entry)
    const parts = listOr(content['parts']).map(objectOr)
    const isAnswer = parts.some((part) => part['functionResponse'] !== undefined)
    return content['role'] === 'user' && !isAnswer && parts.some((part) => part['text'] !== undefined)
  })
}

function members(content: JsonObject, kind: 'functionCall' | 'functionResponse'): readonly JsonObject[] {
  return listOr(content['parts']).flatMap((part) =>
    objectOr(part)[kind] === undefined ? [] : [objectOr(objectOr(part)[kind])],
  )
}
