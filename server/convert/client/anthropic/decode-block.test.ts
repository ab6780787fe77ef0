import { describe, expect, it } from 'vitest'
import type { ContentBlock } from '../../../canonical/request.ts'
import { type BlockPlace, decodeBlock } from './decode-block.ts'

function decode(block: unknown, place: BlockPlace): ContentBlock[] {
  const blocks: ContentBlock[] = []
  decodeBlock(block, 'messages.0.content.0', place, blocks)
  return blocks
}

const png = { type: 'base64', media_type: 'image/png', data: 'QUJD' }
const image = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'QUJD' } }
const foreign = (value: object, text: string) => ({ type: 'foreign', dialect: 'anthropic', value, text })
const unknownOrigin = { upstream: 'unknown' }

const forms: readonly (readonly [string, BlockPlace, object, readonly object[]])[] = [
  ['text', 'user', { type: 'text', text: 'a', citations: null, cache_control: null }, [{ type: 'text', text: 'a' }]],
  ['an empty text', 'assistant', { type: 'text', text: '' }, [{ type: 'text', text: '' }]],
  [
    'a breakpoint',
    'system',
    { type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } },
    [{ type: 'text', text: 'a', cacheBreakpoint: true }],
  ],
  ['an image', 'user', { type: 'image', source: png }, [image]],
  ['base64 with line breaks', 'user', { type: 'image', source: { ...png, data: 'QU\r\nJD\n' } }, [image]],
  [
    'an image by URL',
    'user',
    { type: 'image', source: { type: 'url', url: 'https://example.org/a.png' }, cache_control: { type: 'ephemeral' } },
    [{ type: 'image', source: { type: 'url', url: 'https://example.org/a.png' }, cacheBreakpoint: true }],
  ],
  [
    'a PDF',
    'user',
    {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'JVBE' },
      title: 'T',
      context: 'C',
      citations: { enabled: true },
    },
    [
      {
        type: 'document',
        source: { type: 'base64', mediaType: 'application/pdf', data: 'JVBE' },
        title: 'T',
        context: 'C',
      },
    ],
  ],
  [
    'a text document',
    'user',
    { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'abc' }, title: null, context: null },
    [{ type: 'document', source: { type: 'text', text: 'abc' } }],
  ],
  [
    'a document by URL',
    'user',
    { type: 'document', source: { type: 'url', url: 'https://example.org/a.pdf' } },
    [{ type: 'document', source: { type: 'url', url: 'https://example.org/a.pdf' } }],
  ],
  [
    'a document of blocks',
    'user',
    {
      type: 'document',
      source: {
        type: 'content',
        content: [{ type: 'text', text: 'a' }, { type: 'image', source: png }, { type: 'x' }],
      },
    },
    [{ type: 'document', source: { type: 'text', text: 'a' } }, image],
  ],
  [
    'a tool call',
    'assistant',
    { type: 'tool_use', id: 'call_abc|fc_1:x.y', name: 'Bash', input: { a: 1 }, caller: { type: 'direct' } },
    [{ type: 'tool-use', id: 'call_abc|fc_1:x.y', name: 'Bash', input: { a: 1 } }],
  ],
  [
    'a tool call without input',
    'assistant',
    { type: 'tool_use', id: 'a', name: 'Bash', input: null },
    [{ type: 'tool-use', id: 'a', name: 'Bash', input: {} }],
  ],
  [
    'input that was no JSON',
    'assistant',
    { type: 'tool_use', id: 'a', name: 'Bash', input: { __unparsedToolInput: { raw: '{"a', len: 3 } } },
    [{ type: 'tool-use', id: 'a', name: 'Bash', input: { __unparsedToolInput: { raw: '{"a', len: 3 } } }],
  ],
  [
    'a result as a string',
    'user',
    { type: 'tool_result', tool_use_id: 'a', content: 'ok', is_error: true },
    [{ type: 'tool-result', toolUseId: 'a', content: [{ type: 'text', text: 'ok' }], isError: true }],
  ],
  [
    'a result without content',
    'user',
    { type: 'tool_result', tool_use_id: 'a' },
    [{ type: 'tool-result', toolUseId: 'a', content: [], isError: false }],
  ],
  [
    'a result of many kinds',
    'user',
    {
      type: 'tool_result',
      tool_use_id: 'a',
      content: [
        { type: 'text', text: 'x' },
        { type: 'image', source: png },
        { type: 'tool_reference', tool_name: 'WebFetch' },
        { type: 'novelty' },
        { type: 'search_result', title: 'T', source: 'S', content: [{ type: 'text', text: 'found' }] },
      ],
      cache_control: { type: 'ephemeral' },
    },
    [
      {
        type: 'tool-result',
        toolUseId: 'a',
        isError: false,
        cacheBreakpoint: true,
        content: [
          { type: 'text', text: 'x' },
          image,
          { type: 'text', text: 'The tool "WebFetch" is now available.' },
          { type: 'text', text: 'T\nS\nfound' },
        ],
      },
    ],
  ],
  [
    'thinking',
    'assistant',
    { type: 'thinking', thinking: 'hm', signature: 'S' },
    [{ type: 'reasoning', text: 'hm', signature: { origin: unknownOrigin, value: 'S' } }],
  ],
  [
    'thinking with neither text nor signature',
    'assistant',
    { type: 'thinking', thinking: '', signature: '' },
    [{ type: 'reasoning', text: '' }],
  ],
  ['thinking without its fields', 'assistant', { type: 'thinking' }, [{ type: 'reasoning', text: '' }]],
  [
    'redacted thinking of our own',
    'assistant',
    { type: 'redacted_thinking', data: 'cv1.amazon-q.bQ.x.y' },
    [{ type: 'reasoning', text: '', redacted: { origin: { upstream: 'amazon-q', model: 'm' }, value: 'x.y' } }],
  ],
]

const foreigners: readonly (readonly [object, string])[] = [
  [{ type: 'novelty', text: 'x' }, ''],
  [{ type: 'container_upload', file_id: 'f' }, ''],
  [{ type: '__proto__' }, ''],
  [{ type: 'constructor' }, ''],
  [
    { type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } },
    '[Used the tool "web_search" with the input {"query":"q"}]',
  ],
  [
    {
      type: 'web_search_tool_result',
      tool_use_id: 's',
      content: [{ type: 'web_search_result', title: 'T', url: 'https://e.org', encrypted_content: 'x' }, 5],
    },
    '[Web search results]\n- T https://e.org',
  ],
  [
    {
      type: 'web_search_tool_result',
      content: { type: 'web_search_tool_result_error', error_code: 'max_uses_exceeded' },
    },
    '[The web search failed: max_uses_exceeded]',
  ],
  [
    {
      type: 'web_fetch_tool_result',
      content: {
        type: 'web_fetch_result',
        url: 'https://e.org',
        content: { type: 'document', title: 'T', source: { type: 'text', data: 'page' } },
      },
    },
    '[Fetched https://e.org]\nT\npage',
  ],
  [{ type: 'web_fetch_tool_result', content: null }, '[The web fetch gave no result]'],
  [{ type: 'mcp_tool_result', content: [{ type: 'text', text: 'done' }] }, 'done'],
  [{ type: 'bash_code_execution_tool_result', content: { stdout: 'out', stderr: 'err' } }, 'out\nerr'],
  [{ type: 'compaction', content: 'what was said' }, 'what was said'],
  [{ type: 'tool_addition', tool: { type: 'tool_reference', name: 'X' } }, 'The tool "X" is available from here on.'],
  [{ type: 'tool_removal', tool: { type: 'tool_reference', name: 'X' } }, 'The tool "X" is no longer available.'],
  [{ type: 'tool_addition' }, ''],
  [
    { type: 'image', source: { type: 'file', file_id: 'f' } },
    '[An attached image is not available here: its source is of type "file".]',
  ],
  [
    { type: 'document', source: { type: 'file', file_id: 'f' } },
    '[An attached document is not available here: its source is of type "file".]',
  ],
]

describe('decode-block.ts', () => {
  it.each(forms)('%s', (_name, place, block, expected) => expect(decode(block, place)).toEqual(expected))

  it.each(foreigners)('%j is kept as a foreign block', (block, text) => {
    expect(decode(block, 'assistant')).toEqual([foreign(block, text)])
  })
})
