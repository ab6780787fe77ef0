import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'
import type { ForeignBlock } from '../../../canonical/request.ts'

/** Characters of a tool input that the words for a foreign item quote. */
const longestInput = 2_000

/**
 * An item that only OpenAI understands (calls that it ran itself and their results), with the words that stand for it
 * elsewhere. Types that we don't know get no words: they are dropped rather than refused.
 */
export function foreignItem(type: string, value: JsonObject): ForeignBlock {
  return { type: 'foreign', dialect: 'openai-responses', value, text: wordsFor(type, value) }
}

function wordsFor(type: string, item: JsonObject): string {
  switch (type) {
    case 'web_search_call':
      return `[Searched the web for ${shortJson(searchOf(item['action']))}]`
    case 'file_search_call':
      return `[Searched files for ${shortJson(item['queries'])}]`
    case 'code_interpreter_call':
      return `[Ran this code: ${shortJson(item['code'])}]`
    case 'image_generation_call':
      return '[Made an image]'
    case 'mcp_call':
      return lines(
        `[Used the tool "${stringAt(item, 'name')}" with the input ${stringAt(item, 'arguments').slice(0, longestInput)}]`,
        stringAt(item, 'output'),
      )
    case 'compaction':
    case 'compaction_summary':
      return '[An earlier part of this conversation was shortened by another service and can not be read here.]'
    default:
      return ''
  }
}

function searchOf(action: JsonValue | undefined): JsonValue | undefined {
  return isJsonObject(action) ? (action['query'] ?? action['queries'] ?? action['url']) : undefined
}

function shortJson(value: JsonValue | undefined): string {
  try {
    return JSON.stringify(value ?? '').slice(0, longestInput)
  } catch {
    // Nested deeper than the serialiser's stack.
    return '…'
  }
}

function lines(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('\n')
}

function stringAt(object: JsonObject, key: string): string {
  const value = object[key]
  return typeof value === 'string' ? value : ''
}
