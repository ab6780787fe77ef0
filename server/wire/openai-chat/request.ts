import { z } from 'zod'
import { type BodyReading, readBody } from '../read-body.ts'

/**
 * The body of `POST /v1/chat/completions`, as far as a schema reads it: everything but the contents of `messages` and
 * `tools`, which can be megabytes, and the fields of several forms (`stop`, `tool_choice`); those are read by
 * convert/client/openai-chat. Unknown members are no error; `null` counts as absent, because several SDKs write it for
 * an option that is not set. Each schema's message says what was expected, in words that continue "expected …".
 */
const text = (expected: string) =>
  z.string(expected).min(1, expected).max(1_000, `${expected} of at most 1,000 characters`)
const number = (minimum: number, maximum: number) => {
  const expected = `a number from ${minimum} to ${maximum}`
  return z.number(expected).min(minimum, expected).max(maximum, expected).nullish()
}
const whole = (minimum: number) => {
  const expected = `a whole number of at least ${minimum}`
  return z.int(expected).min(minimum, expected).nullish()
}
const list = (expected: string) => z.array(z.unknown(), expected).nullish()
const flag = z.boolean('true or false').nullish()
const object = (expected: string) =>
  z.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), expected).nullish()

const chatSchema = z.object(
  {
    model: text('the name of a model'),
    messages: z
      .array(z.unknown(), 'an array of messages')
      .min(1, 'at least one message')
      .max(100_000, 'at most 100,000 messages'),
    tools: list('an array of tools'),
    tool_choice: z.unknown().optional(),
    parallel_tool_calls: flag,
    /** What `tools` and `tool_choice` were called before. */
    functions: list('an array of functions'),
    function_call: z.unknown().optional(),
    response_format: z
      .looseObject({ type: text('the name of a format') }, 'an object such as {"type":"json_object"}')
      .nullish(),
    max_tokens: whole(1),
    max_completion_tokens: whole(1),
    temperature: number(0, 2),
    top_p: number(0, 1),
    stop: z.unknown().optional(),
    reasoning_effort: z.string('a string such as "medium"').nullish(),
    stream: flag,
    stream_options: z.object({ include_usage: flag }, 'an object such as {"include_usage":true}').nullish(),
    n: whole(1),
    logprobs: flag,
    top_logprobs: whole(0),
    modalities: list('an array such as ["text"]'),
    web_search_options: object('an object'),
    user: z.string('a string').nullish(),
    metadata: object('an object'),
    prompt_cache_key: z.string('a string').nullish(),
  },
  'a JSON object',
)

/** What the schema read. Members that are absent from it may still be in the body. */
export type ChatBody = z.infer<typeof chatSchema>

/** Reads a body of `POST /v1/chat/completions`. Never throws. */
export function readChatBody(body: unknown): BodyReading<ChatBody> {
  return readBody<ChatBody>(chatSchema, body)
}
