import { z } from 'zod'
import { type BodyReading, readBody } from '../read-body.ts'

/**
 * The body of `POST /v1/responses`, as far as a schema reads it: everything but the contents of `input` and `tools`,
 * which can be megabytes and are read in one pass by convert/client/openai-responses. Unknown members are no error;
 * `null` counts as absent, as in OpenAI's own types. Each schema's message says what was expected, in words that
 * continue "expected …".
 */
const text = (expected: string) =>
  z.string(expected).min(1, expected).max(1_000, `${expected} of at most 1,000 characters`)
const flag = z.boolean('true or false').nullish()
const between = (minimum: number, maximum: number) => {
  const expected = `a number from ${minimum} to ${maximum}`
  return z.number(expected).min(minimum, expected).max(maximum, expected).nullish()
}

const responsesSchema = z.object(
  {
    model: text('the name of a model'),
    input: z.unknown().optional(),
    instructions: z.string('a string').nullish(),
    tools: z.array(z.unknown(), 'an array of tools').max(10_000, 'at most 10,000 tools').nullish(),
    tool_choice: z.unknown().optional(),
    parallel_tool_calls: flag,
    reasoning: z
      .object(
        {
          effort: z.string('a string such as "medium"').nullish(),
          summary: z.string('a string such as "auto"').nullish(),
          generate_summary: z.string('a string such as "auto"').nullish(),
        },
        'an object such as {"effort":"medium"}',
      )
      .nullish(),
    text: z.object({ format: z.unknown().optional() }, 'an object such as {"format":{"type":"text"}}').nullish(),
    max_output_tokens: z.int('a whole number of at least 1').min(1, 'a whole number of at least 1').nullish(),
    temperature: between(0, 2),
    top_p: between(0, 1),
    stream: flag,
    store: flag,
    background: flag,
    previous_response_id: text('the id of a response').nullish(),
    conversation: z.unknown().optional(),
    prompt: z.unknown().optional(),
    prompt_cache_key: z.string('a string').nullish(),
    user: z.string('a string').nullish(),
    include: z.array(z.string('a string'), 'an array of strings').nullish(),
    metadata: z
      .record(z.string(), z.unknown(), 'an object')
      .refine((pairs) => Object.keys(pairs).length <= 64, 'an object of at most 64 members')
      .nullish(),
  },
  'a JSON object',
)

/** What the schema read. Members that are absent from it may still be in the body. */
export type ResponsesBody = z.infer<typeof responsesSchema>

/** Reads a body of `POST /v1/responses`. Never throws. */
export function readResponsesBody(body: unknown): BodyReading<ResponsesBody> {
  return readBody(responsesSchema, body)
}
