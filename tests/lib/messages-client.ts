import { expect } from 'vitest'
import { type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from './accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from './culvert.ts'

/** One event of a Messages stream. */
export interface MessagesEvent {
  readonly name: string
  readonly data: Record<string, unknown>
}

/** A plain HTTP client of the Messages API, the Culvert process it asks, and the simulator behind that. */
export interface MessagesClient {
  readonly simulator: Simulator
  readonly culvert: CulvertProcess
  readonly accountId: string
  /** Sends a body with Culvert's key and further headers. */
  send(body: object, headers?: Readonly<Record<string, string>>, path?: string): Promise<Response>
  /** Sends a streamed request, expects 200, and reads all of it. */
  stream(text: string, changes?: object): Promise<readonly MessagesEvent[]>
  /** The newest generate call that the simulator received. */
  last(): ReceivedRequest
  /** Its body as JSON text. */
  sent(): string
  close(): Promise<void>
}

/** Starts all three, with one account. */
export async function startMessagesClient(): Promise<MessagesClient> {
  const simulator = await startSimulator()
  const culvert = await startCulvert({ environment: { ...simulator.environment } })
  const { id: accountId } = await addAccount(culvert, simulator.issueAccount())

  const send: MessagesClient['send'] = (body, headers = {}, path = '/v1/messages?beta=true') =>
    fetch(culvert.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': culvert.apiKey, ...headers },
      body: JSON.stringify(body),
    })
  const last = (): ReceivedRequest => {
    const found = simulator.received.findLast(({ route }) => route === 'generate')
    if (found === undefined) throw new Error('Nothing was received.')
    return found
  }
  return {
    simulator,
    culvert,
    accountId,
    send,
    async stream(text, changes = {}) {
      const response = await send(ask(text, { stream: true, ...changes }))
      expect(response.status).toBe(200)
      return eventsOf(await response.text())
    },
    last,
    sent: () => JSON.stringify(last().body),
    async close() {
      await stopAllCulverts()
      await simulator.close()
    },
  }
}

/** A request of one user message. */
export function ask(text: string, changes: object = {}): object {
  return { model: 'claude-sonnet-5', max_tokens: 4_000, messages: [{ role: 'user', content: text }], ...changes }
}

/** The events of a whole stream, each of exactly an `event:` and a `data:` line. */
function eventsOf(text: string): readonly MessagesEvent[] {
  return text
    .split('\n\n')
    .filter((part) => part !== '')
    .map((part) => {
      const [first = '', second = '', ...more] = part.split('\n')
      expect([first.slice(0, 7), second.slice(0, 6), more]).toEqual(['event: ', 'data: ', []])
      return { name: first.slice(7), data: JSON.parse(second.slice(6)) as Record<string, unknown> }
    })
}

/** A tool that every agent has. */
export const bash = {
  name: 'Bash',
  description: 'Runs a command.',
  input_schema: { type: 'object', properties: { command: { type: 'string' } }, required: ['command'] },
}
