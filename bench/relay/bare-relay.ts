import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { createEventStreamDecoder, decodePayloadText } from '../../server/codec/event-stream/index.ts'

/**
 * The reference for every relay figure: the least that a program can do to turn an Amazon Q stream into an Anthropic
 * one. node:http in, undici `dispatch` out, our codec, SSE from templates, one write per upstream chunk. No keys, no
 * linter, no account choice, no log, no error handling. Run as a process of its own: `node bare-relay.ts UPSTREAM TOKEN`.
 */
const [upstream = '', token = ''] = process.argv.slice(2)
const target = new URL(upstream)
const pool = new Pool(target.origin, { connections: null, pipelining: 1 })

interface MessagesBody {
  readonly model: string
  readonly stream?: boolean
  readonly messages: readonly { readonly role: string; readonly content: unknown }[]
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content
  return (content as { text?: string }[]).map((block) => block.text ?? '').join('\n')
}

function encodeBody(body: MessagesBody): string {
  const turns = body.messages.map((message) =>
    message.role === 'assistant'
      ? { assistantResponseMessage: { content: textOf(message.content) } }
      : { userInputMessage: { content: textOf(message.content), modelId: body.model, origin: 'AI_EDITOR' } },
  )
  const currentMessage = turns.pop()
  return JSON.stringify({
    conversationState: {
      conversationId: '00000000-0000-4000-8000-000000000000',
      chatTriggerType: 'MANUAL',
      ...(turns.length > 0 ? { history: turns } : {}),
      currentMessage,
    },
    profileArn: 'arn:aws:codewhisperer:us-east-1:123456789012:profile/ABCDEFGHIJKL',
  })
}

const messageStart = `event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\nevent: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n`
const messageEnd = `event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\nevent: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}\n\nevent: message_stop\ndata: {"type":"message_stop"}\n\n`

const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (chunk: Buffer) => parts.push(chunk))
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as MessagesBody
    const decoder = createEventStreamDecoder()
    pool.dispatch(
      {
        path: `${target.pathname.replace(/\/$/u, '')}/generateAssistantResponse`,
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
        body: encodeBody(body),
      },
      {
        onRequestStart() {},
        onResponseStart() {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write(messageStart)
        },
        onResponseData(_controller, chunk) {
          let text = ''
          for (const message of decoder.decode(chunk)) {
            if (message.type !== 'assistantResponseEvent') continue
            const { content } = JSON.parse(decodePayloadText(message.payload)) as { content: string }
            text += `event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":${JSON.stringify(content)}}}\n\n`
          }
          if (text !== '') response.write(text)
        },
        onResponseEnd() {
          response.end(messageEnd)
        },
        onResponseError(_controller, error) {
          response.destroy(error)
        },
      },
    )
  })
})

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${JSON.stringify({ port: (server.address() as AddressInfo).port })}\n`)
})
