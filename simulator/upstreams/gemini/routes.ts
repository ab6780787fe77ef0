import { type Exchange, jsonBody, type Route } from '../../exchange.ts'
import { fault, geminiFaults, type GeminiFault } from './faults.ts'
import { geminiModels, modelPage } from './models.ts'
import { chunksFor, readScene } from './scenarios.ts'
import { geminiViolation } from './validate.ts'

const generatePath = /^\/v1beta\/models\/([^/:]+):streamGenerateContent$/u
/** `AIzaSim-…` works; `AIzaSim-fault-NAME` meets that fault on every generate call; anything else is no key. */
const keyForm = /^AIzaSim-(?:fault-([a-z-]+)|[\w-]+)$/u

/** A call to Gemini under `/gemini` (gemini.md §9). */
export function geminiRoute(method: string, path: string): Route | undefined {
  if (method === 'GET' && path === '/v1beta/models') return { operation: 'gemini-models', handle: listModels }
  const model = method === 'POST' ? generatePath.exec(path)?.[1] : undefined
  return model === undefined
    ? undefined
    : { operation: 'gemini-generate', handle: (exchange) => generate(exchange, model) }
}

function listModels(exchange: Exchange): void {
  if (keyOf(exchange) === undefined) return refuse(exchange, geminiFaults['key-invalid'], 'denied')
  send(exchange, 200, JSON.stringify(modelPage(exchange.url.searchParams.get('pageToken'))))
  exchange.world.log.end(exchange.entry, 'ok')
}

async function generate(exchange: Exchange, modelId: string): Promise<void> {
  const key = keyOf(exchange)
  if (key === undefined) return refuse(exchange, geminiFaults['key-invalid'], 'denied')
  exchange.entry.accountId = key
  const body = jsonBody(exchange)
  const asked = geminiFaults[keyForm.exec(key)?.[1] ?? '']
  if (asked !== undefined) return refuse(exchange, asked, 'fault')
  const model = geminiModels.find(({ id }) => id === modelId)
  if (model === undefined) {
    return refuse(
      exchange,
      fault(404, 'NOT_FOUND', `models/${modelId} is not found for API version v1beta.`),
      'refused',
    )
  }
  const violation = geminiViolation(body, model)
  if (violation !== undefined) {
    exchange.entry.refusal = violation
    return refuse(exchange, fault(400, 'INVALID_ARGUMENT', violation), 'refused')
  }
  const scene = readScene(body, model.id)
  const named = /\[\[gemini-fault:([a-z-]+)\]\]/u.exec(scene.text)?.[1]
  if (named !== undefined) return refuse(exchange, geminiFaults[named], 'fault')
  await stream(exchange, chunksFor(scene), scene.text)
}

/** CRLF and cuts at any byte are what a decoder has to live with; there is no `[DONE]` (gemini.md §5). */
async function stream(exchange: Exchange, chunks: readonly unknown[], text: string): Promise<void> {
  const { response, entry, world } = exchange
  if (exchange.url.searchParams.get('alt') !== 'sse') {
    send(exchange, 200, JSON.stringify(chunks))
    world.log.end(entry, 'ok')
    return
  }
  entry.status = 200
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const newline = text.includes('[[crlf]]') ? '\r\n' : '\n'
  const bytes = chunks.map((chunk) => Buffer.from(`data: ${JSON.stringify(chunk)}${newline}${newline}`))
  const pieces = text.includes('[[bytes]]') ? bytes.flatMap((whole) => cut(whole, 7)) : bytes
  for (const piece of pieces) {
    if (exchange.gone.aborted) return
    entry.frames += 1
    await new Promise<void>((resolve) => response.write(piece, () => resolve()))
  }
  response.end()
  world.log.end(entry, 'ok')
}

function cut(bytes: Buffer, size: number): Buffer[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
    bytes.subarray(index * size, (index + 1) * size),
  )
}

function keyOf({ request }: Exchange): string | undefined {
  const key = request.headers['x-goog-api-key']
  return typeof key === 'string' && keyForm.test(key) ? key : undefined
}

function refuse(exchange: Exchange, asked: GeminiFault | undefined, outcome: 'denied' | 'fault' | 'refused'): void {
  const { status, body } = asked ?? fault(500, 'INTERNAL', 'The simulator knows no such fault.')
  send(exchange, status, JSON.stringify(body))
  exchange.world.log.end(exchange.entry, outcome)
}

function send({ response, entry, gone }: Exchange, status: number, body: string): void {
  entry.status = status
  if (gone.aborted) return
  response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' })
  response.end(body)
}
