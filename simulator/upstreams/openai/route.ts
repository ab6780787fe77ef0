import { answer, answerJson, type Exchange, jsonBody, type Route } from '../../exchange.ts'
import { answerChat } from './answers.ts'
import { chatFaults, type ChatRefusal, ChatRefused } from './faults.ts'
import { chatModels, readChat } from './validate.ts'

/** A service that speaks OpenAI's Chat Completions, under `/openai`. */
export function openAiRoute(method: string, path: string): Route | undefined {
  if (method === 'POST' && path === '/v1/chat/completions') return { operation: 'chat', handle: complete }
  if (method === 'GET' && path === '/v1/models') return { operation: 'chat-models', handle: listModels }
  return undefined
}

const CHUNK_BYTES = 97

async function complete(exchange: Exchange): Promise<void> {
  const { world, entry, response } = exchange
  const body = jsonBody(exchange)
  const { fault } = world.openAi
  if (fault !== undefined) {
    entry.fault = fault
    refuse(exchange, chatFaults[fault], 'fault')
    return
  }
  if (!isAdmitted(exchange)) return
  try {
    const { name, text, isCut } = answerChat(readChat(body), world.openAi)
    entry.scenario = name
    entry.status = 200
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': world.openAi.id('req_') })
    const bytes = Buffer.from(text, 'utf8')
    for (let at = 0; at < bytes.length && !exchange.gone.aborted; at += CHUNK_BYTES) {
      response.write(bytes.subarray(at, at + CHUNK_BYTES))
      await new Promise((resolve) => setImmediate(resolve))
    }
    if (isCut) response.destroy()
    else response.end()
    world.log.end(entry, 'ok')
  } catch (error) {
    if (!(error instanceof ChatRefused)) throw error
    refuse(exchange, error, 'refused')
  }
}

function listModels(exchange: Exchange): void {
  if (!isAdmitted(exchange)) return
  const data = chatModels.map((id) => ({ id, object: 'model', created: 1_790_000_000, owned_by: 'simulator' }))
  answerJson(exchange, 200, { object: 'list', data })
}

function isAdmitted(exchange: Exchange): boolean {
  const key = (exchange.request.headers.authorization ?? '').replace(/^Bearer /u, '')
  if (exchange.world.openAi.knows(key)) return true
  refuse(exchange, chatFaults['invalid-key'], 'denied')
  return false
}

function refuse(exchange: Exchange, refusal: ChatRefusal, outcome: 'fault' | 'refused' | 'denied'): void {
  const { status, type, code, message, retryAfter } = refusal
  const headers = {
    'content-type': 'application/json',
    ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
  }
  const body = JSON.stringify({ error: { message, type, param: null, code } })
  answer(exchange, { status, headers, body }, outcome, message)
}
