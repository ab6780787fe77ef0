import type { IncomingHttpHeaders } from 'node:http'
import { control } from '../control.ts'
import { answer, type Exchange, type Route } from '../exchange.ts'
import { anthropicRoute } from '../upstreams/anthropic/route.ts'
import { openAiRoute } from '../upstreams/openai/route.ts'
import { showStartPage } from '../start-page.ts'
import { geminiRoute } from '../upstreams/gemini/routes.ts'
import { loginRoute } from './login.ts'
import { serviceRoute } from './service.ts'

/** What a request asks for; unknown paths have a route too, which says 404. */
export function findRoute(method: string, url: URL, headers: IncomingHttpHeaders): Route {
  const [, prefix = '', ...rest] = url.pathname.split('/')
  const path = `/${rest.join('/')}`
  const target = headers['x-amz-target']
  const found = routeOf(prefix, method, path, typeof target === 'string' ? target : undefined)
  return found ?? { operation: 'unknown', handle: unknownPath }
}

function routeOf(prefix: string, method: string, path: string, target: string | undefined): Route | undefined {
  switch (prefix) {
    case 'q':
    case 'runtime':
      return serviceRoute(prefix, method, path, target)
    case 'oidc':
    case 'kiro-auth':
      return loginRoute(prefix, method, path)
    case 'gemini':
      return geminiRoute(method, path)
    case 'anthropic':
      return anthropicRoute(method, path)
    case 'openai':
      return openAiRoute(method, path)
    case 'control':
      return { operation: 'control', handle: (exchange) => control(exchange, path.slice(1)) }
    case '':
      return method === 'GET' && path === '/' ? { operation: 'page', handle: showStartPage } : undefined
    default:
      return undefined
  }
}

function unknownPath(exchange: Exchange): void {
  answer(
    exchange,
    {
      status: 404,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'UnknownOperationException:' },
      body: '{"message":"Unknown operation.","reason":null}',
    },
    'refused',
    'unknown path, method or target',
  )
}
