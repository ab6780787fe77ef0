import { answerCatalogue } from '../authorize.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import { isObject } from '../json.ts'
import { controlCall } from './control-call.ts'

const webSearch = {
  name: 'web_search',
  description: 'Searches the web.',
  inputSchema: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
}

/** `/mcp` and InvokeMCP: JSON-RPC 2.0 with one tool, whose results are canned (amazon-q.md §2.11). */
export async function invokeMcp(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  const { jsonrpc, id, method, params } = call.body
  if (jsonrpc !== '2.0' || typeof method !== 'string') {
    return answerCatalogue(exchange, 'improperly-formed', 'refused', 'no JSON-RPC 2.0 request')
  }
  const result = (value: unknown): void => answerJson(exchange, 200, { jsonrpc: '2.0', id: id ?? null, result: value })
  switch (method) {
    case 'initialize':
      return result({
        protocolVersion: '2025-03-26',
        capabilities: { tools: {} },
        serverInfo: { name: 'simulator', version: '1' },
      })
    case 'notifications/initialized':
      return answerJson(exchange, 202, {})
    case 'tools/list':
      return result({ tools: [webSearch] })
    case 'tools/call': {
      const { name, arguments: input } = isObject(params) ? params : {}
      const query = isObject(input) ? input['query'] : undefined
      if (name !== webSearch.name) return rpcError(exchange, id, -32_602, `Unknown tool: ${String(name)}`)
      if (typeof query !== 'string' || query === '') return rpcError(exchange, id, -32_602, 'query is missing')
      return result({ content: [{ type: 'text', text: JSON.stringify(searchResults(query)) }], isError: false })
    }
    default:
      return rpcError(exchange, id, -32_601, `Method not found: ${method}`)
  }
}

function rpcError(exchange: Exchange, id: unknown, code: number, message: string): void {
  exchange.entry.refusal = message
  answerJson(exchange, 200, { jsonrpc: '2.0', id: id ?? null, error: { code, message } }, 'refused')
}

/** The same two results for every query. */
function searchResults(query: string): Record<string, unknown> {
  const results = [1, 2].map((number) => ({
    title: `Simulated result ${number} for ${query}`,
    url: `https://example.com/${number}?q=${encodeURIComponent(query)}`,
    snippet: `The simulator knows nothing about ${query}, but this is what a result looks like.`,
    publishedDate: 1_767_225_600_000,
    id: `simulated-${number}`,
    domain: 'example.com',
  }))
  return { results, totalResults: results.length, query }
}
