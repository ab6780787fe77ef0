import type { IncomingHttpHeaders } from 'node:http'
import { answer, type Exchange, type Route } from '../exchange.ts'
import { serviceRoute } from './service.ts'

/** What a request asks for; unknown paths have a route too, which says 404. */
export function findRoute(method: string, url: URL, headers: IncomingHttpHeaders): Route {
  const [, prefix = '', ...rest] = url.pathname.split('/')
  const path = `/${rest.join('/')}`
  const target = headers['x-amz-target']
  const found = prefix === 'q' || prefix === 'runtime'
    ? serviceRoute(prefix, method, path, typeof target === 'string' ? target : undefined)
    : undefined
  return found ?? { operation: 'unknown', handle: unknownPath }
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
