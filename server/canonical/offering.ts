import type { JsonObject } from './json.ts'

/** One model that an account offers. */
export interface ModelInfo {
  /** The upstream's own id, e.g. `claude-sonnet-4.5`. */
  readonly id: string
  readonly name: string
  readonly description?: string
  /** Tokens. */
  readonly contextWindow?: number
  /** Tokens. */
  readonly maxOutputTokens?: number
  /** Credits per unit of use against the base model. */
  readonly rateMultiplier?: number
  readonly rateUnit?: string
  readonly acceptsImages?: boolean
  readonly supportsPromptCaching?: boolean
  /** JSON Schema of `additionalModelRequestFields` (amazon-q.md §2.8); absent: the model takes none, or none is known. */
  readonly requestFieldsSchema?: JsonObject
}

/** One allowance of an account (base, free trial, bonus, overage), with where the figure comes from. */
export interface QuotaBucket {
  readonly kind: 'base' | 'trial' | 'bonus' | 'overage'
  readonly name: string
  readonly unit: string
  readonly used: number
  readonly limit: number
  /** Epoch milliseconds. */
  readonly expiresAt?: number
}

/** An account's allowance as the provider last told it. Times are epoch milliseconds. */
export interface Quota {
  readonly plan?: string
  readonly email?: string
  readonly buckets: readonly QuotaBucket[]
  readonly resetsAt?: number
  readonly fetchedAt: number
}

/** An organisation's or person's profile at the service (amazon-q.md §2.9). */
export interface Profile {
  readonly arn: string
  readonly name?: string
  /** The API region named inside the ARN. */
  readonly region: string
}
