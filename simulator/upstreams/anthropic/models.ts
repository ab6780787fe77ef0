/** The models that the service lists. `prefill` and `thinking` differ by generation. */
export interface AnthropicModel {
  readonly id: string
  readonly name: string
  readonly maxTokens: number
  readonly thinking: 'budget' | 'either' | 'adaptive'
}

export const contextWindow = 200_000

export const anthropicModels: readonly AnthropicModel[] = [
  { id: 'claude-opus-4-7', name: 'Claude Opus 4.7', maxTokens: 128_000, thinking: 'adaptive' },
  { id: 'claude-sonnet-4-6', name: 'Claude Sonnet 4.6', maxTokens: 64_000, thinking: 'either' },
  { id: 'claude-sonnet-4-5-20250929', name: 'Claude Sonnet 4.5', maxTokens: 64_000, thinking: 'budget' },
  { id: 'claude-haiku-4-5-20251001', name: 'Claude Haiku 4.5', maxTokens: 64_000, thinking: 'budget' },
]
