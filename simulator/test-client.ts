import { EventStreamCodec, getChunkedStream } from '@smithy/core/event-streams'
import { fromUtf8, toUtf8 } from '@smithy/core/serde'
import type { Endpoint, IssuedAccount, Simulator } from './index.ts'

/** What a client of the simulated service got. */
export interface Got {
  readonly status: number
  readonly headers: Headers
  /** The parsed JSON of an answer that is no event stream, or its text. */
  readonly body: unknown
  readonly events: readonly GotEvent[]
}

export interface GotEvent {
  /** Event, exception or error name. */
  readonly name: string
  readonly kind: string
  readonly payload: Readonly<Record<string, unknown>>
}

export interface GenerateOptions {
  readonly endpoint?: Endpoint
  readonly headers?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const codec = new EventStreamCodec(toUtf8, fromUtf8)

/** Sends a generate request as a plain HTTP client and decodes the answer with AWS's own codec. */
export async function generate(
  simulator: Simulator,
  account: IssuedAccount,
  body: unknown,
  options: GenerateOptions = {},
): Promise<Got> {
  const response = await post(simulator, account, body, options)
  const isStream = response.headers.get('content-type') === 'application/vnd.amazon.eventstream'
  if (!isStream || response.body === null) {
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: jsonOrText(text), events: [] }
  }
  const events: GotEvent[] = []
  for await (const frame of getChunkedStream(response.body)) events.push(decodeEvent(frame))
  return { status: response.status, headers: response.headers, body: undefined, events }
}

/** The same without reading the answer. */
export function post(
  simulator: Simulator,
  account: IssuedAccount,
  body: unknown,
  { endpoint = 'E1', headers = {}, signal }: GenerateOptions = {},
): Promise<Response> {
  const base = simulator.environment[endpoint === 'E4' ? 'KIRO_RUNTIME_ENDPOINT' : 'AMAZONQ_API_ENDPOINT']
  return fetch(endpoint === 'E1' ? `${base}/` : `${base}/generateAssistantResponse`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${account.accessToken}`,
      'content-type': endpoint === 'E1' ? 'application/x-amz-json-1.0' : 'application/json',
      ...(endpoint === 'E1' ? { 'x-amz-target': 'AmazonCodeWhispererStreamingService.GenerateAssistantResponse' } : {}),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...(signal === undefined ? {} : { signal }),
  })
}

/** A minimal good request of one message. */
export function message(content: string, changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    conversationState: {
      conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
      chatTriggerType: 'MANUAL',
      currentMessage: {
        userInputMessage: { content, modelId: 'claude-sonnet-4.5', origin: 'AI_EDITOR', ...changes },
      },
    },
  }
}

/** The joined text of an answer. */
export function textOf(got: Got): string {
  return join(got, 'assistantResponseEvent', 'content')
}

/** One member of all events of a name, joined. */
export function join(got: Got, name: string, member: string): string {
  return got.events
    .filter((event) => event.name === name)
    .map((event) => event.payload[member])
    .filter((value) => typeof value === 'string')
    .join('')
}

function decodeEvent(frame: Uint8Array): GotEvent {
  const { headers, body } = codec.decode(frame)
  const header = (name: string): string => String(headers[name]?.value ?? '')
  const payload: unknown = body.length === 0 ? {} : JSON.parse(toUtf8(body))
  return {
    kind: header(':message-type'),
    name: header(':event-type') || header(':exception-type') || header(':error-code'),
    payload: payload as Readonly<Record<string, unknown>>,
  }
}

function jsonOrText(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
