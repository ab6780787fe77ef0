import { isArray, isObject, listOr, type JsonObject } from '../json.ts'
import type { Signatures } from '../state/signatures.ts'
import { checkImages } from './images.ts'
import { isToolName } from './tools.ts'
import { demand } from './violation.ts'

const toolUseId = /^[a-zA-Z0-9_-]{1,64}$/u
const modelId = /^[a-zA-Z0-9_:.-]{1,1024}$/u
const origins: ReadonlySet<unknown> = new Set(
  (
    'AI_EDITOR CHATBOT CLI CONSOLE DOCUMENTATION GITLAB IDE INLINE_CHAT KIRO_CLI MARKETING MD MD_CE MD_IDE MOBILE ' +
    'OPENSEARCH_DASHBOARD Q_DEV_BEXT SAGE_MAKER SERVICE_INTERNAL SM_AI_STUDIO_IDE UNIFIED_SEARCH UNKNOWN'
  ).split(' '),
)

/** What the history rules need to know of a message. */
export interface CheckedMessage {
  readonly role: 'user' | 'assistant'
  /** Ids of the tool uses that it makes or answers. */
  readonly toolUseIds: readonly string[]
  readonly toolNames: readonly string[]
}

/** @throws Violation */
export function checkUserMessage(message: JsonObject, where: string): CheckedMessage {
  const { content, modelId: model, origin, images, userInputMessageContext: context, cachePoint } = message
  demand(typeof content === 'string', `${where}: content missing`)
  demand(model === undefined || (typeof model === 'string' && modelId.test(model)), `${where}: modelId malformed`)
  demand(origin === undefined || origins.has(origin), `${where}: unknown origin`)
  demand(context === undefined || isObject(context), `${where}: userInputMessageContext is no object`)
  checkCachePoint(cachePoint, where)
  checkImages(images, where)
  const toolUseIds = checkToolResults(context?.['toolResults'], where)
  demand(toolUseIds.length > 0 || content.trim() !== '', `${where}: empty content without tool results`)
  return { role: 'user', toolUseIds, toolNames: [] }
}

/** @throws Violation */
export function checkAssistantMessage(message: JsonObject, where: string, signing: Signing): CheckedMessage {
  const { content, toolUses, reasoningContent, cachePoint } = message
  demand(typeof content === 'string', `${where}: content missing`)
  checkCachePoint(cachePoint, where)
  demand(
    toolUses === undefined || (isArray(toolUses) && toolUses.length > 0),
    `${where}: toolUses is no list, or empty`,
  )
  demand(content !== '' || toolUses !== undefined, `${where}: empty content without tool uses`)
  if (reasoningContent !== undefined) checkReasoning(reasoningContent, where, signing)
  const toolUseIds: string[] = []
  const toolNames: string[] = []
  for (const [index, use] of listOr(toolUses).entries()) {
    demand(isObject(use), `${where}.toolUses.${index}: no object`)
    const { toolUseId: id, name, input } = use
    demand(isId(id), `${where}.toolUses.${index}: toolUseId malformed`)
    demand(isToolName(name), `${where}.toolUses.${index}: name malformed`)
    demand(isObject(input), `${where}.toolUses.${index}: input is no object`)
    toolUseIds.push(id)
    toolNames.push(name)
  }
  return { role: 'assistant', toolUseIds, toolNames }
}

/** Whose reasoning signatures are good: undefined model, any of ours. */
export interface Signing {
  readonly signatures: Signatures
  readonly modelId: string | undefined
}

function checkReasoning(reasoning: unknown, where: string, { signatures, modelId: model }: Signing): void {
  demand(isObject(reasoning), `${where}: reasoningContent is no object`)
  const { reasoningText, redactedContent, ...others } = reasoning
  const nested = Object.keys(others).length === 0 && (reasoningText === undefined) !== (redactedContent === undefined)
  demand(nested, `${where}: reasoningContent must hold reasoningText or redactedContent`, 'request-body-invalid')
  if (reasoningText !== undefined) {
    demand(isObject(reasoningText) && typeof reasoningText['text'] === 'string', `${where}: reasoningText malformed`)
  }
  const signature = isObject(reasoningText) ? reasoningText['signature'] : redactedContent
  const signed = typeof signature === 'string' ? signatures.modelOf(signature) : undefined
  const good = signed !== undefined && (model === undefined || signed === model)
  demand(good, `${where}: the reasoning's signature is not one of ours`, 'thinking-signature-invalid')
}

function checkToolResults(results: unknown, where: string): readonly string[] {
  if (results === undefined) return []
  demand(isArray(results), `${where}: toolResults is no list`)
  return results.map((result, index) => {
    const here = `${where}.toolResults.${index}`
    demand(isObject(result), `${here}: no object`)
    const { toolUseId: id, status, content } = result
    demand(isId(id), `${here}: toolUseId malformed`)
    demand(status === 'success' || status === 'error', `${here}: status is neither success nor error`)
    demand(isArray(content) && content.length > 0, `${here}: content is no list, or empty`)
    let empty = true
    for (const part of content) {
      demand(isObject(part), `${here}: content part is no object`)
      const members = Object.keys(part)
      const known = members.length === 1 && (typeof part['text'] === 'string' || part['json'] !== undefined)
      demand(known, `${here}: content part is neither {text} nor {json}`)
      if (part['text'] !== '') empty = false
    }
    demand(!empty, `${here}: content has only empty texts`)
    return id
  })
}

function checkCachePoint(value: unknown, where: string): void {
  demand(value === undefined || (isObject(value) && value['type'] === 'default'), `${where}: cachePoint malformed`)
}

function isId(value: unknown): value is string {
  return typeof value === 'string' && toolUseId.test(value)
}
