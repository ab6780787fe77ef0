import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { ForeignBlock } from '../../../canonical/request.ts'

/** Characters of a server tool's input that its stand-in text shows. */
const longestInput = 2_000

/**
 * A block that only Anthropic's own servers understand, with the words that stand for it at other upstreams. Types that
 * we don't know get no words: they are dropped there rather than refused (clients.md §6 line 1).
 */
export function foreignBlock(type: string, value: JsonObject): ForeignBlock {
  return { type: 'foreign', dialect: 'anthropic', value, text: wordsFor(type, value) }
}

/** A picture or document whose bytes are not in the request (an uploaded file's id). The model is told, not misled. */
export function unavailableMedia(kind: 'image' | 'document', value: JsonObject, source: JsonObject): ForeignBlock {
  const sourceType = stringAt(source, 'type').slice(0, 80)
  const text = `[An attached ${kind} is not available here: its source is of type "${sourceType}".]`
  return { type: 'foreign', dialect: 'anthropic', value, text }
}

function wordsFor(type: string, block: JsonObject): string {
  switch (type) {
    case 'server_tool_use':
    case 'mcp_tool_use':
      return `[Used the tool "${stringAt(block, 'name')}" with the input ${shortJson(block['input'])}]`
    case 'web_search_tool_result':
      return searchResults(block['content'])
    case 'web_fetch_tool_result':
      return fetchResult(block['content'])
    case 'mcp_tool_result':
    case 'compaction':
      return textsOf(block['content'])
    case 'search_result':
      return lines(stringAt(block, 'title'), stringAt(block, 'source'), textsOf(block['content']))
    case 'tool_reference':
      return `The tool "${stringAt(block, 'tool_name')}" is now available.`
    case 'tool_addition':
      return changedTool(block, 'is available from here on')
    case 'tool_removal':
      return changedTool(block, 'is no longer available')
    default:
      return type.endsWith('_tool_result') ? commandResult(block['content']) : ''
  }
}

function searchResults(content: JsonValue | undefined): string {
  if (!Array.isArray(content)) return failure('web search', content)
  const found = content.filter(isJsonObject).map((entry) => `- ${stringAt(entry, 'title')} ${stringAt(entry, 'url')}`)
  return lines('[Web search results]', ...found)
}

function fetchResult(content: JsonValue | undefined): string {
  if (!isJsonObject(content) || content['type'] !== 'web_fetch_result') return failure('web fetch', content)
  const document = objectAt(content, 'content')
  const source = objectAt(document, 'source')
  const text = source['type'] === 'text' ? stringAt(source, 'data') : ''
  return lines(`[Fetched ${stringAt(content, 'url')}]`, stringAt(document, 'title'), text)
}

/** Results of the provider's own code execution and the like: whatever output they show. */
function commandResult(content: JsonValue | undefined): string {
  if (!isJsonObject(content)) return textsOf(content)
  return lines(stringAt(content, 'stdout'), stringAt(content, 'stderr'), textsOf(content['content']))
}

function failure(what: string, content: JsonValue | undefined): string {
  const code = isJsonObject(content) ? stringAt(content, 'error_code') : ''
  return code === '' ? `[The ${what} gave no result]` : `[The ${what} failed: ${code}]`
}

function changedTool(block: JsonObject, change: string): string {
  const tool = objectAt(block, 'tool')
  const name = stringAt(tool, 'name') || stringAt(tool, 'tool_name') || stringAt(objectAt(tool, 'definition'), 'name')
  return name === '' ? '' : `The tool "${name}" ${change}.`
}

function textsOf(content: JsonValue | undefined): string {
  if (typeof content === 'string') return content
  return Array.isArray(content) ? lines(...content.filter(isJsonObject).map((entry) => stringAt(entry, 'text'))) : ''
}

function shortJson(value: JsonValue | undefined): string {
  try {
    return JSON.stringify(value ?? {}).slice(0, longestInput)
  } catch {
    // Nested deeper than the serialiser's stack.
    return '{…}'
  }
}

function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n')
}

function stringAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key]
  return isJsonObject(value) ? value : {}
}
