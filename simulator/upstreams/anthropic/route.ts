import { answer, type Exchange, jsonBody, type Route } from '../../exchange.ts'
import { eventsOf } from './events.ts'
import { anthropicFaults, type AnthropicRefusal, Refused } from './faults.ts'
import { anthropicModels, contextWindow } from './models.ts'
import { answerTo } from './scenarios.ts'
import { readRequest } from './validate.ts'

/** A service that speaks Anthropic's Messages API, under `/anthropic`. */
export function anthropicRoute(method: string, path: string): Route | undefined {
  if (method === 'POST' && path === '/v1/messages') return { operation: 'messages', handle: complete }
  if (method === 'GET' && path === '/v1/models') return { operation: 'messages-models', handle: listModels }
  return undefined
}

/** Bytes of a network chunk: small and odd, so that characters and lines are cut everywhere. */
const CHUNK_BYTES = 97

async function complete(exchange: Exchange): Promise<void> {
  const { world, request, entry } = exchange
  const state = world.anthropic
  const body = jsonBody(exchange)
  const key = keyOf(exchange)
  entry.accountId = key
  const fault = state.faultFor(key)
  if (fault !== undefined) {
    entry.fault = fault
    refuse(exchange, anthropicFaults[fault], 'fault')
    return
  }
  if (!isAdmitted(exchange, key)) return
  try {
    const betas = request.headers['anthropic-beta']
    const read = readRequest(body, typeof betas === 'string' ? betas : '', state)
    const { name, answer: chosen } = answerTo({ ...read, model: { ...read.model, id: modelName(body) } }, state)
    entry.scenario = name
    await stream(exchange, eventsOf(chosen, read, state), chosen.end === 'cut')
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    refuse(exchange, error, 'refused')
  }
}

function listModels(exchange: Exchange): void {
  if (!isAdmitted(exchange, keyOf(exchange))) return
  const after = anthropicModels.findIndex(({ id }) => id === exchange.url.searchParams.get('after_id')) + 1
  // Fewer than were asked for, as the service may: whoever wants all must turn the pages.
  const page = anthropicModels.slice(after, after + 3)
  const body = JSON.stringify({
    data: page.map(({ id, name, maxTokens }) => ({
      type: 'model',
      id,
      display_name: name,
      created_at: '2026-01-01T00:00:00Z',
      max_input_tokens: contextWindow,
      max_tokens: maxTokens,
    })),
    has_more: after + page.length < anthropicModels.length,
    first_id: page[0]?.id ?? null,
    last_id: page.at(-1)?.id ?? null,
  })
  answer(exchange, { status: 200, headers: { 'content-type': 'application/json' }, body }, 'ok')
}

function isAdmitted(exchange: Exchange, key: string): boolean {
  if (exchange.request.headers['anthropic-version'] === undefined) {
    refuse(exchange, new Refused('anthropic-version: header is required'), 'refused')
    return false
  }
  if (exchange.world.anthropic.knows(key)) return true
  refuse(exchange, anthropicFaults['invalid-key'], 'denied')
  return false
}

function keyOf({ request }: Exchange): string {
  const key = request.headers['x-api-key']
  if (typeof key === 'string') return key
  return (request.headers.authorization ?? '').replace(/^Bearer /u, '')
}

/** Signatures are bound to the name that was asked for. */
function modelName(body: unknown): string {
  return (body as { model: string }).model
}

function refuse(exchange: Exchange, refusal: AnthropicRefusal, outcome: 'fault' | 'refused' | 'denied'): void {
  const { status, type, message, retryAfter } = refusal
  if (status === 0) {
    exchange.response.destroy()
    return
  }
  const requestId = exchange.world.anthropic.requestId()
  const isPage = type === 'html'
  answer(
    exchange,
    {
      status,
      headers: {
        'content-type': isPage ? 'text/html' : 'application/json',
        'request-id': requestId,
        ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      },
      body: isPage ? message : JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }),
    },
    outcome,
    message,
  )
}

async function stream(exchange: Exchange, text: string, isCut: boolean): Promise<void> {
  const { response, entry, world } = exchange
  entry.status = 200
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'request-id': world.anthropic.requestId(),
  })
  const bytes = Buffer.from(text, 'utf8')
  for (let at = 0; at < bytes.length && !exchange.gone.aborted; at += CHUNK_BYTES) {
    response.write(bytes.subarray(at, at + CHUNK_BYTES))
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (isCut) response.destroy()
  else response.end()
  world.log.end(entry, 'ok')
}
