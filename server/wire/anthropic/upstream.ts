import { z } from 'zod'
import type { JsonObject } from '../amazon-q/json.ts'
import { lenientArray, optionalNumber, optionalString } from '../amazon-q/lenient.ts'

/** The body that we send to `POST /v1/messages`. Members of the client's own that we don't know travel beside these. */
export interface AnthropicRequestBody {
  readonly model: string
  readonly max_tokens: number
  readonly messages: readonly AnthropicTurn[]
  readonly stream: true
  readonly system?: readonly JsonObject[]
  readonly tools?: readonly JsonObject[]
  readonly tool_choice?: JsonObject
  readonly thinking?: JsonObject
  readonly output_config?: JsonObject
  readonly temperature?: number
  readonly top_p?: number
  readonly top_k?: number
  readonly stop_sequences?: readonly string[]
}

export interface AnthropicTurn {
  readonly role: 'user' | 'assistant'
  readonly content: readonly JsonObject[]
}

const modelSchema = z.looseObject({
  id: z.string().min(1).max(200),
  display_name: optionalString,
  max_input_tokens: optionalNumber,
  max_tokens: optionalNumber,
})

/** One page of `GET /v1/models`. `data` must be there: without it the answer is something else. */
const modelPageSchema = z.looseObject({
  data: z.array(z.unknown()).pipe(lenientArray(modelSchema)),
  has_more: z.boolean().optional().catch(undefined),
  last_id: optionalString,
})

const errorSchema = z.looseObject({
  error: z.looseObject({ type: optionalString, message: optionalString, code: optionalString }),
})

export type AnthropicModelPage = z.output<typeof modelPageSchema>

/** A page of models; undefined: it is none. */
export function readModelPage(body: unknown): AnthropicModelPage | undefined {
  return modelPageSchema.safeParse(body).data
}

/** What an error body says; empty texts where it is none. */
export function readErrorBody(body: unknown): { readonly type: string; readonly message: string } {
  const error = errorSchema.safeParse(body).data?.error
  return { type: error?.type ?? error?.code ?? '', message: error?.message ?? '' }
}
