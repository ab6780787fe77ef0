import type { Behaviour } from '../configuration.ts'
import { isArray, isObject, type JsonObject } from '../json.ts'
import type { Endpoint } from '../state/received.ts'
import { demand } from './violation.ts'

const rootMembers: ReadonlySet<string> = new Set([
  'conversationState',
  'profileArn',
  'additionalModelRequestFields',
  'agentMode',
])
const triggers: ReadonlySet<unknown> = new Set(['MANUAL', 'DIAGNOSTIC', 'INLINE_CHAT'])
const taskTypes: ReadonlySet<unknown> = new Set([undefined, 'vibe', 'spectask'])
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu

/** Members whose values are free JSON: null is a value like others there. */
const documents: ReadonlySet<string> = new Set(['input', 'json', 'additionalModelRequestFields'])

export interface CheckedBody {
  readonly root: JsonObject
  readonly history: readonly unknown[]
  readonly current: JsonObject
}

/**
 * The frame of the request (amazon-q.md §2.4, §2.5): root, `conversationState`, and no null in any modelled member.
 *
 * @throws Violation
 */
export function checkBody(body: unknown, endpoint: Endpoint, behaviour: Behaviour): CheckedBody {
  demand(isObject(body), 'body is no JSON object', 'request-body-invalid')
  checkRoot(body, endpoint, behaviour)
  const nothing = findNull(body, '')
  demand(nothing === undefined, `${nothing}: null`)
  const state = body['conversationState']
  demand(isObject(state), 'conversationState missing')
  const { conversationId, chatTriggerType, agentTaskType, agentContinuationId, history, currentMessage } = state
  demand(
    conversationId === undefined ||
      (typeof conversationId === 'string' && conversationId !== '' && conversationId.length <= 128),
    'conversationId is not 1 to 128 characters',
  )
  demand(triggers.has(chatTriggerType), 'chatTriggerType missing or unknown')
  demand(taskTypes.has(agentTaskType), 'agentTaskType unknown')
  demand(
    agentContinuationId === undefined || (typeof agentContinuationId === 'string' && uuid.test(agentContinuationId)),
    'agentContinuationId is no UUID',
  )
  demand(
    isObject(currentMessage) && isObject(currentMessage['userInputMessage']),
    'currentMessage has no userInputMessage',
  )
  demand(history === undefined || (isArray(history) && history.length > 0), 'history is no list, or empty')
  return { root: body, history: history ?? [], current: currentMessage['userInputMessage'] }
}

/** Only the Kiro host minds unknown members; `systemPrompt` is refused everywhere. */
function checkRoot(root: JsonObject, endpoint: Endpoint, behaviour: Behaviour): void {
  demand(root['systemPrompt'] === undefined, 'systemPrompt: no such member')
  if (endpoint !== 'E4') return
  for (const member of Object.keys(root))
    demand(rootMembers.has(member), `${member}: unknown member`, 'request-body-invalid')
  if (behaviour.agentMembersOnKiroHost === 'accepted') return
  const state = root['conversationState']
  demand(root['agentMode'] === undefined, 'agentMode: refused on this host', 'request-body-invalid')
  for (const member of ['agentContinuationId', 'agentTaskType']) {
    const present = isObject(state) && state[member] !== undefined
    demand(!present, `conversationState.${member}: refused on this host`, 'request-body-invalid')
  }
}

/** The path of the first null outside free JSON. */
function findNull(value: unknown, path: string): string | undefined {
  if (value === null) return path
  if (typeof value !== 'object') return undefined
  for (const [name, member] of Object.entries(value as JsonObject)) {
    if (documents.has(name)) continue
    const found = findNull(member, path === '' ? name : `${path}.${name}`)
    if (found !== undefined) return found
  }
  return undefined
}
