import { hash } from 'node:crypto'
import type { CompletionRequest, ContentBlock } from '../canonical/request.ts'

/** How a conversation is known to the pool (`key`) and to the upstream (`id`, a UUID). */
export interface Conversation {
  readonly key: string
  readonly id: string
}

/** Characters of the first user message that tell conversations apart when the client names none. */
const openingLength = 4_096

/**
 * The identity of a request's conversation: the client's own when it sends one, else what its first user message says.
 * The same on every turn and after a restart, because a changing id defeats the service's prefix cache
 * (field-notes.md "Cache saving"). `scope` keeps the conversations of different keys apart.
 */
export function conversationOf(request: CompletionRequest, scope: string): Conversation {
  const key = request.conversationKey ?? openingOf(request)
  const digest = hash('sha256', `${scope}\n${key}`, 'hex')
  const variant = ((Number.parseInt(digest.slice(16, 17), 16) & 0x3) | 0x8).toString(16)
  const id = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
  return { key: id, id }
}

function openingOf(request: CompletionRequest): string {
  const first = request.messages.find((message) => message.role === 'user')
  return first ? textOf(first.content).slice(0, openingLength) : ''
}

function textOf(content: readonly ContentBlock[]): string {
  let text = ''
  for (const block of content) {
    if (block.type === 'text') text += `${block.text}\n`
    if (text.length >= openingLength) break
  }
  return text
}
