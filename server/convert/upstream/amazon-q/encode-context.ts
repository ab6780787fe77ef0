import type { ModelInfo } from '../../../canonical/offering.ts'
import type { Repair } from '../../../canonical/repair.ts'
import type { AmazonQOrigin, AmazonQRequestBody } from '../../../wire/amazon-q/request.ts'
import type { ReasoningMode } from './encode-reasoning.ts'
import type { ToolNameMap } from './tool-names.ts'

/** What the encoder uses of a model's description. */
export type ModelShape = Pick<ModelInfo, 'requestFieldsSchema' | 'supportsPromptCaching' | 'acceptsImages'>

export interface AmazonQEncodeContext {
  /** 1 to 128 characters; the same on every turn of a conversation. */
  readonly conversationId: string
  readonly modelInfo?: ModelShape
  readonly origin: AmazonQOrigin
  readonly profileArn?: string
  /** Mark cacheable prefixes if the model is known to support that. */
  readonly cachePoints: boolean
  readonly includeAgentTaskType: boolean
  /** Send no reasoning of the history: the service refused a signature. */
  readonly stripReasoning?: boolean
  /** Characters of text above which a request is refused; 10,000,000 unless given. */
  readonly sizeLimit?: number
}

export interface AmazonQEncodedRequest {
  readonly body: AmazonQRequestBody
  readonly repairs: readonly Repair[]
  /** From the name that the service sees to the client's name. */
  readonly toolNames: ToolNameMap
  /** How the answer's reasoning will come. */
  readonly reasoning: ReasoningMode
  /** To be applied to the answer: the service knows none. */
  readonly stopSequences: readonly string[]
  /** The client's names of the tools that it declares. */
  readonly declaredTools: ReadonlySet<string>
  /** How often the conversation was lately told that a tool call was cut off. */
  readonly cutToolNotes: number
}
