import { hash } from 'node:crypto'
import type { Message } from '../../../canonical/request.ts'

/** Longer identities are not taken over: nobody's client sends such, and they would only fill caches. */
const longest = 200
/** Characters of the first user message that tell the conversations of one hint apart. */
const openingLength = 4_096

export interface ConversationIdentities {
  /** What names one conversation (`x-session-id`, `session-id`, `metadata.session_id`, …), the best first. */
  readonly sessions: readonly unknown[]
  /** What may be the same for many conversations (`prompt_cache_key`, `user`), the best first. */
  readonly hints: readonly unknown[]
}

/**
 * The client's own identity for the conversation: the first usable session, else the first usable hint together with how
 * the conversation began. Absent when the client named neither.
 */
export function conversationKey(identities: ConversationIdentities, messages: readonly Message[]): string | undefined {
  const session = identities.sessions.find(isUsable)
  if (session !== undefined) return session
  const hint = identities.hints.find(isUsable)
  return hint === undefined ? undefined : `${hint}/${hash('sha256', openingOf(messages), 'hex').slice(0, 16)}`
}

function openingOf(messages: readonly Message[]): string {
  const first = messages.find((message) => message.role === 'user')
  const texts = first?.content.map((block) => (block.type === 'text' ? block.text.slice(0, openingLength) : '')) ?? []
  return texts.join('\n').slice(0, openingLength)
}

function isUsable(id: unknown): id is string {
  return typeof id === 'string' && id !== '' && id.length <= longest
}
