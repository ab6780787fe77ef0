import { hash } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { docsStyle } from './docs/style.ts'
import { sendText } from './respond.ts'

interface Pages {
  readonly json: string
  readonly html: string
}

/** No script at all, one style known by its hash, nothing from anywhere else. */
const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${hash('sha256', docsStyle, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const commonHeaders = {
  'cache-control': 'no-cache',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
}

/**
 * `/openapi.json` and `/docs`: the same for everybody and without secrets, so they ask for no token. Both are made from
 * the contract when first asked for and kept. `false`: another path.
 */
export function createDocsPages(options: { readonly version: string }) {
  let pages: Promise<Pages> | undefined

  async function make(): Promise<Pages> {
    // The generator is loaded for those who read the documents only: /v2 does without it.
    const [{ generateOpenAPIDocument }, { renderDocsPage }] = await Promise.all([
      import('./openapi-document.ts'),
      import('./docs/page.ts'),
    ])
    const document = await generateOpenAPIDocument(options.version)
    return { json: JSON.stringify(document), html: renderDocsPage(document) }
  }

  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<boolean> => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    if (!isRead || (path !== '/openapi.json' && path !== '/docs' && path !== '/docs/')) return false
    pages ??= make()
    const { json, html } = await pages
    if (path === '/openapi.json') {
      sendText(response, 200, json, { ...commonHeaders, 'content-type': 'application/json; charset=utf-8' })
    } else {
      sendText(response, 200, html, {
        ...commonHeaders,
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': contentSecurityPolicy,
      })
    }
    return true
  }
}
