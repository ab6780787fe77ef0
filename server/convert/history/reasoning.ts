import type { ContentBlock, Message, Opaque, ReasoningBlock, Upstream } from '../../canonical/request.ts'
import type { RepairLog } from '../lint/repair-log.ts'
import type { RuleName } from '../lint/rules.ts'
import { messagePath } from './turns.ts'

/** Which reasoning of the history may be replayed. */
export interface ReasoningPolicy {
  /**
   * `signed`: what the upstream itself signed or encrypted for this model. `unsigned`: text without a signature, which
   * the upstream takes as ordinary text. `none`: no reasoning at all.
   */
  readonly replay: 'signed' | 'unsigned' | 'none'
  readonly upstream: Upstream
  /** The upstream's model id. */
  readonly model: string
  /** The upstream wants all of its reasoning back, several blocks in one message and empty ones too. */
  readonly whole?: boolean
}

/**
 * Leaves out the reasoning that the upstream would refuse, above all what another provider or model signed. Messages
 * without such blocks come back as they are.
 */
export function keepReplayableReasoning(
  messages: readonly Message[],
  policy: ReasoningPolicy,
  log: RepairLog,
): readonly Message[] {
  let changed: Message[] | undefined
  for (const [index, message] of messages.entries()) {
    const content = keptBlocks(message, index, policy, log)
    if (content !== message.content) changed ??= messages.slice(0, index)
    changed?.push(content === message.content ? message : { role: message.role, content })
  }
  return changed ?? messages
}

function keptBlocks(message: Message, index: number, policy: ReasoningPolicy, log: RepairLog): readonly ContentBlock[] {
  let kept: ContentBlock[] | undefined
  let replayed = false
  for (const [position, block] of message.content.entries()) {
    const fault = block.type === 'reasoning' ? reasoningFault(block, policy, replayed) : undefined
    if (fault !== undefined) {
      log.add(fault, `${messagePath(index)}.content.${position}`)
      kept ??= message.content.slice(0, position)
      continue
    }
    if (block.type === 'reasoning') replayed = true
    kept?.push(block)
  }
  return kept ?? message.content
}

function reasoningFault(block: ReasoningBlock, policy: ReasoningPolicy, replayed: boolean): RuleName | undefined {
  const seal = block.signature ?? block.redacted
  if (seal !== undefined && !isOwn(seal, policy)) return 'foreign-signature'
  if (policy.replay === 'none' || (replayed && policy.whole !== true)) return 'reasoning-dropped'
  if (policy.replay === 'unsigned') return seal !== undefined || block.text === '' ? 'reasoning-dropped' : undefined
  if (seal === undefined) return 'reasoning-dropped'
  if (policy.whole === true) return undefined
  // The client may have been asked not to show the text; whether a signature without its text passes is not known.
  return block.redacted === undefined && block.text === '' ? 'reasoning-dropped' : undefined
}

function isOwn(seal: Opaque, policy: ReasoningPolicy): boolean {
  return seal.origin.upstream === policy.upstream && seal.origin.model === policy.model
}
