import { numberParameter, textParameter } from './directives.ts'
import { estimateTokens } from './conversation.ts'
import { frameCharacters, type ScriptedFrame } from './frames.ts'
import type { Answer, Scene } from './scenarios/scenario.ts'
import { spend, type Account } from './state/accounts.ts'
import type { World } from './world.ts'

/** Credits of an answer: by tokens and the model's rate, so that two equal requests cost the same. */
export function creditsFor(inputTokens: number, outputTokens: number, rateMultiplier: number): number {
  const credits = rateMultiplier * (inputTokens / 100_000 + outputTokens / 10_000)
  return Math.max(0.0001, Math.round(credits * 10_000) / 10_000)
}

/**
 * An answer's frames in the service's order (amazon-q.md §3.3): the head, the scenario's own, and the tail, which is
 * made last because it counts what went before. Credits are spent when the tail is made.
 */
export function* answerFrames(
  world: World,
  account: Account,
  scene: Scene,
  answer: Answer,
  initialResponse: boolean,
): Generator<ScriptedFrame> {
  const { conversation, model, parameters } = scene
  if (answer.bare !== true) {
    if (initialResponse) yield { event: 'initial-response', payload: { conversationId: conversation.id } }
    yield {
      event: 'messageMetadataEvent',
      payload: { conversationId: conversation.id, utteranceId: world.ids.uuid() },
    }
  }
  let characters = 0
  for (const frame of answer.body) {
    characters += frameCharacters(frame)
    yield frame
  }
  if (answer.tail === 'none') return
  const outputTokens = numberParameter(parameters, 'outputTokens', estimateTokens(characters))
  const inputTokens = numberParameter(parameters, 'inputTokens', conversation.inputTokens)
  const contextUsagePercentage =
    answer.contextUsagePercentage ?? world.models.contextUsage(model, inputTokens + outputTokens)
  const usage = creditsFor(inputTokens, outputTokens, model.rateMultiplier)
  spend(account, usage)
  const told = textParameter(parameters, 'usage', world.configuration.behaviour.tokenUsage ? 'tokens' : 'percentage')
  const stopReason = textParameter(parameters, 'stopReason', answer.stopReason ?? 'END_TURN')
  const counted =
    told === 'tokens' ? { tokenUsage: tokenUsage(parameters, inputTokens, outputTokens, contextUsagePercentage) } : {}
  const tail: ScriptedFrame[] = [
    ...(told === 'none' ? [] : [{ event: 'contextUsageEvent', payload: { contextUsagePercentage } }]),
    { event: 'meteringEvent', payload: { usage, unit: 'credit', unitPlural: 'credits' } },
    { event: 'metadataEvent', payload: { ...counted, stopReason } },
  ]
  // The order of the tail varies on the real wire.
  yield* parameters['tail'] === 'reversed' ? tail.toReversed() : tail
}

function tokenUsage(
  parameters: Scene['parameters'],
  inputTokens: number,
  outputTokens: number,
  contextUsagePercentage: number,
): Record<string, number> {
  const cacheReadInputTokens = numberParameter(parameters, 'cacheRead', 0)
  const cacheWriteInputTokens = numberParameter(parameters, 'cacheWrite', 0)
  return {
    uncachedInputTokens: Math.max(0, inputTokens - cacheReadInputTokens - cacheWriteInputTokens),
    outputTokens,
    totalTokens: inputTokens + outputTokens,
    cacheReadInputTokens,
    cacheWriteInputTokens,
    contextUsagePercentage,
  }
}
