import type { ClaudeCodeResult } from './claude-code.ts'

/** One content block of a message in Claude Code's own transcript. */
export interface TranscriptBlock {
  readonly type: string
  readonly [field: string]: unknown
}

/** The content blocks of one role's messages, oldest first; texts given as strings are blocks too. */
export function blocksOf(result: ClaudeCodeResult, role: 'assistant' | 'user'): readonly TranscriptBlock[] {
  return result.events.flatMap((event) => {
    if (event['type'] !== role) return []
    const { content } = event['message'] as { content: string | TranscriptBlock[] }
    return typeof content === 'string' ? [{ type: 'text', text: content }] : content
  })
}

/** The tool calls that Claude Code ran, in order. */
export function toolCallsOf(result: ClaudeCodeResult): readonly { readonly name: string; readonly input: unknown }[] {
  return blocksOf(result, 'assistant')
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ name: String(block['name']), input: block['input'] }))
}

/** The HTTP statuses that made Claude Code wait and try again, in order. */
export function retriesOf(result: ClaudeCodeResult): readonly unknown[] {
  return eventsOf(result, 'api_retry').map((event) => event['error_status'])
}

/** The `system` events of one kind. */
export function eventsOf(result: ClaudeCodeResult, subtype: string): readonly Record<string, unknown>[] {
  return result.events.filter((event) => event['type'] === 'system' && event['subtype'] === subtype)
}

/** The id that Claude Code gave the conversation. */
export function sessionOf(result: ClaudeCodeResult): unknown {
  return result.events.find((event) => event['type'] === 'result')?.['session_id']
}
