import type { Behaviour } from '../configuration.ts'
import type { Conversation } from '../conversation.ts'
import type { Model } from '../models.ts'
import { demand } from './violation.ts'

/**
 * What is too long for the model or for one field (amazon-q.md §2.5).
 *
 * @throws Violation
 */
export function checkSizes(conversation: Conversation, model: Model, behaviour: Behaviour): void {
  for (const [index, turn] of conversation.turns.entries()) {
    demand(
      turn.role === 'assistant' || turn.text.length <= behaviour.userTextLimit,
      `message ${index}: text over ${behaviour.userTextLimit} characters`,
      'content-too-long',
    )
    for (const result of turn.toolResults) {
      demand(
        result.text.length <= behaviour.toolResultLimit,
        `message ${index}: tool result over ${behaviour.toolResultLimit} characters`,
        'content-too-long',
      )
    }
  }
  demand(
    conversation.inputTokens <= model.contextWindow,
    `${conversation.inputTokens} tokens are more than the window of ${model.contextWindow}`,
    'content-too-long',
  )
}
