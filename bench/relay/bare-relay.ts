import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { createEventStreamDecoder } from '../../server/codec/event-stream/index.ts'
import { type BareRequest, encodeBareRequest } from './bare-request.ts'

/**
 * The reference for every relay figure: the least that a program can do to turn an Amazon Q stream into an Anthropic
 * one. node:http in, undici `dispatch` out, the product's own codec, SSE from templates, one write per upstream chunk.
 * No keys, no linter, no account choice, no counting, no log, no errors, no back-pressure. Run as a process of its own:
 * `node bare-relay.ts UPSTREAM TOKEN`.
 */
const [upstream = '', token = ''] = process.argv.slice(2)
const target = new URL(upstream)
const pool = new Pool(target.origin, { connections: null, pipelining: 1 })
const upstreamCall = {
  path: `${target.pathname.replace(/\/$/u, '')}/generateAssistantResponse`,
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
} as const

const opening =
  'event: message_start\ndata: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}}\n\n' +
  'event: content_block_start\ndata: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}\n\n'
const closing =
  'event: content_block_stop\ndata: {"type":"content_block_stop","index":0}\n\n' +
  'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":1}}\n\n' +
  'event: message_stop\ndata: {"type":"message_stop"}\n\n'
const deltaHead =
  'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":'

const server = createServer({ noDelay: true }, (request, response) => {
  const parts: Buffer[] = []
  request.on('data', (chunk: Buffer) => parts.push(chunk))
  request.on('end', () => {
    const body = encodeBareRequest(JSON.parse(Buffer.concat(parts).toString('utf8')) as BareRequest)
    const decoder = createEventStreamDecoder()
    pool.dispatch(
      { ...upstreamCall, body },
      {
        onRequestStart() {},
        onResponseStart() {
          response.writeHead(200, { 'content-type': 'text/event-stream' })
          response.write(opening)
        },
        onResponseData(_controller, chunk) {
          let text = ''
          for (const message of decoder.decode(chunk)) {
            if (message.type !== 'assistantResponseEvent') continue
            const { content } = JSON.parse(message.text) as { content: string }
            text += `${deltaHead}${JSON.stringify(content)}}}\n\n`
          }
          if (text !== '') response.write(text)
        },
        onResponseEnd() {
          response.end(closing)
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
process.once('SIGTERM', () => process.exit(0))
