import type { Conversation } from '../conversation.ts'
import type { ScriptedFrame } from '../frames.ts'
import type { Model } from '../models.ts'
import type { IdSource } from '../state/ids.ts'
import type { Signatures } from '../state/signatures.ts'
import type { Parameters } from '../types.ts'

/** What a scenario may look at. */
export interface Scene {
  readonly conversation: Conversation
  readonly parameters: Parameters
  readonly model: Model
  readonly ids: IdSource
  readonly signatures: Signatures
}

/** An answer without its tail, which is the same for all: context usage, metering, metadata. */
export interface Answer {
  readonly body: Iterable<ScriptedFrame>
  /** Default `END_TURN`. */
  readonly stopReason?: string
  /** `none`: the stream ends as if cut off. Default `whole`. */
  readonly tail?: 'whole' | 'none'
  /** No head events either (initial-response, messageMetadataEvent): status 200 and nothing. */
  readonly bare?: boolean
  /** Instead of the computed one. */
  readonly contextUsagePercentage?: number
}

export type Scenario = (scene: Scene) => Answer
