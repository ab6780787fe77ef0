import { z } from 'zod'
import { type BodyReading, readBody } from '../read-body.ts'

/**
 * The body of `POST /v1/messages` and `/v1/messages/count_tokens`, as far as a schema reads it: everything but the
 * contents of `messages`, `system` and `tools`, which can be megabytes and are read in one pass by
 * convert/client/anthropic. Unknown members are no error (clients.md §6 lines 1 and 15); `null` counts as absent,
 * because several SDKs write it for an option that is not set. Each schema's message says what was expected, in words
 * that continue "expected …".
 */
const text = (expected: string) =>
  z.string(expected).min(1, expected).max(1_000, `${expected} of at most 1,000 characters`)
const atLeast = (minimum: number, expected: string) => z.number(expected).min(minimum, expected)
const whole = (minimum: number) => {
  const expected = `a whole number of at least ${minimum}`
  return z.int(expected).min(minimum, expected)
}
const flag = z.boolean('true or false').nullish()
const jsonObject = z.custom<object>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'an object',
)

const common = {
  model: text('the name of a model'),
  messages: z
    .array(z.unknown(), 'an array of messages')
    .min(1, 'at least one message')
    .max(100_000, 'at most 100,000 messages'),
  system: z.unknown().optional(),
  tools: z.array(z.unknown(), 'an array of tools').nullish(),
  tool_choice: z
    .object(
      {
        type: z.enum(['auto', 'any', 'tool', 'none'], '"auto", "any", "tool" or "none"'),
        name: text('the name of a tool').nullish(),
        disable_parallel_tool_use: flag,
      },
      'an object such as {"type":"auto"}',
    )
    .nullish(),
  stream: flag,
  temperature: atLeast(0, 'a number of at least 0').nullish(),
  top_p: atLeast(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1').nullish(),
  top_k: whole(0).nullish(),
  stop_sequences: z.array(text('a string that is not empty'), 'an array of strings').nullish(),
  thinking: z
    .object(
      {
        type: text('the name of a thinking mode'),
        budget_tokens: whole(0).nullish(),
        display: z.string('a string').nullish(),
      },
      'an object such as {"type":"adaptive"}',
    )
    .nullish(),
  output_config: z
    .object(
      {
        effort: z.string('a string such as "medium"').nullish(),
        format: z
          .object(
            { type: text('the name of a format'), name: z.string('a string').nullish(), schema: jsonObject.nullish() },
            'an object such as {"type":"json_schema","schema":{}}',
          )
          .nullish(),
      },
      'an object such as {"effort":"medium"}',
    )
    .nullish(),
  /** The older place of `output_config.format`; opencode's beta list still names it (clients.md §3). */
  output_format: z
    .object(
      { type: text('the name of a format'), name: z.string('a string').nullish(), schema: jsonObject.nullish() },
      'an object such as {"type":"json_schema","schema":{}}',
    )
    .nullish(),
  metadata: z.object({ user_id: z.string('a string').nullish() }, 'an object').nullish(),
}

const messagesSchema = z.object({ ...common, max_tokens: whole(1) }, 'a JSON object')
const countTokensSchema = z.object({ ...common, max_tokens: whole(1).nullish() }, 'a JSON object')

/** What the schema read. Members that are absent from it may still be in the body. */
export type MessagesBody = z.infer<typeof countTokensSchema>

/** Reads a body of `POST /v1/messages`. Never throws. */
export function readMessagesBody(body: unknown): BodyReading<MessagesBody> {
  return readBody<MessagesBody>(messagesSchema, body)
}

/** Reads a body of `POST /v1/messages/count_tokens`, which has no `max_tokens`. Never throws. */
export function readCountTokensBody(body: unknown): BodyReading<MessagesBody> {
  return readBody<MessagesBody>(countTokensSchema, body)
}
