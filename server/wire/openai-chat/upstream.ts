import { z } from 'zod'
import { lenientArray, optionalString } from '../amazon-q/lenient.ts'
import type { JsonObject } from '../amazon-q/json.ts'

/** The body that we send to `POST /chat/completions`; the client's own members travel beside these. */
export interface ChatRequestBody {
  readonly [member: string]: unknown
  readonly model: string
  readonly messages: readonly JsonObject[]
  readonly stream: true
}

const modelListSchema = z.looseObject({
  data: z
    .array(z.unknown())
    .pipe(lenientArray(z.looseObject({ id: z.string().min(1).max(200), name: optionalString }))),
})

const code = z.union([z.string(), z.number()]).optional().catch(undefined)
const errorSchema = z.looseObject({
  error: z.union([
    z.looseObject({ type: optionalString, code, message: optionalString }),
    z.string().transform((message) => ({ type: undefined, code: undefined, message })),
  ]),
})

/** The models of `GET /models`; undefined: the answer is no such list. */
export function readChatModels(
  body: unknown,
): readonly { readonly id: string; readonly name?: string | undefined }[] | undefined {
  return modelListSchema.safeParse(body).data?.data
}

/** What an error body says; the code is more exact than the type. */
export function readChatError(body: unknown): { readonly type: string; readonly message: string } {
  const error = errorSchema.safeParse(body).data?.error
  const type = typeof error?.code === 'string' && error.code !== '' ? error.code : (error?.type ?? '')
  return { type, message: error?.message ?? '' }
}
