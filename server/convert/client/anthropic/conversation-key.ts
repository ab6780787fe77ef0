import { isJsonObject } from '../../../canonical/json.ts'

/** Longer identities are not taken over: nobody's client sends such, and they would only fill caches. */
const longest = 200

const trailingSession = /session_([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/iu

export interface ConversationHeaders {
  /** `x-claude-code-session-id`: a UUID, stable over a conversation and over `--continue` (clients.md §1.2). */
  readonly sessionId?: string
  /** `x-claude-code-agent-id`: only on calls of a sub-agent, which hold a conversation of their own. */
  readonly agentId?: string
}

/**
 * The client's own identity for the conversation: the session header, else the session inside `metadata.user_id` (JSON
 * text in newer clients, `…_session_<uuid>` in older ones; clients.md §1.4), with the sub-agent's id appended. Absent
 * when the client named no session.
 */
export function conversationKey(headers: ConversationHeaders, userId: string | undefined): string | undefined {
  const session = usable(headers.sessionId) ?? usable(sessionOf(userId))
  if (session === undefined) return undefined
  const agent = usable(headers.agentId)
  return agent === undefined ? session : `${session}/${agent}`
}

function sessionOf(userId: string | undefined): string | undefined {
  if (userId === undefined || userId.length > 4_096) return undefined
  const trailing = trailingSession.exec(userId)?.[1]
  if (trailing !== undefined) return trailing
  if (!userId.startsWith('{')) return undefined
  try {
    const parsed: unknown = JSON.parse(userId)
    const session = isJsonObject(parsed) ? parsed['session_id'] : undefined
    return typeof session === 'string' ? session : undefined
  } catch {
    return undefined
  }
}

function usable(id: string | undefined): string | undefined {
  return id !== undefined && id !== '' && id.length <= longest ? id : undefined
}
