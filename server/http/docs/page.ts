import { Html, html } from './html.ts'
import { limitsOf, renderSchema, typeName } from './schema.ts'
import type { SchemaView } from './schema.ts'
import { docsStyle } from './style.ts'

/** Byte for byte what the content security policy has the hash of. */
const styleElement = new Html(`<style>${docsStyle}</style>`)

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema?: SchemaView }>>
}

interface Operation {
  readonly operationId?: string
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly parameters?: readonly {
    readonly name: string
    readonly in: string
    readonly required?: boolean
    readonly schema?: SchemaView
  }[]
  readonly requestBody?: Content & { readonly required?: boolean }
  readonly responses?: Readonly<Record<string, Content & { readonly description?: string }>>
}

/** An OpenAPI document as far as it is shown. */
interface DocumentView {
  readonly info?: { readonly title?: string; readonly version?: string; readonly description?: string }
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, SchemaView>> }
}

interface Route {
  readonly method: string
  readonly path: string
  readonly operation: Operation
  readonly anchor: string
}

/** The OpenAPI document as one page of plain HTML: no script, nothing loaded, readable offline. */
export function renderDocsPage(document: DocumentView): string {
  const { title = 'API', version = '', description = '' } = document.info ?? {}
  const groups = groupRoutes(document)
  const schemas = Object.entries(document.components?.schemas ?? {})
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${styleElement}
      </head>
      <body>
        <nav aria-label="Contents">
          <h1>${title} <small>${version}</small></h1>
          ${[...groups].map(renderNavigation)}
          <h2><a href="#schemas">Schemas</a></h2>
        </nav>
        <main>
          <p>${description}</p>
          <p>The same as data: <a href="/openapi.json">/openapi.json</a></p>
          ${[...groups].map(renderGroup)}
          <section>
            <h2 id="schemas">Schemas</h2>
            ${schemas.map(
              ([name, schema]) =>
                html`<article id="schema-${name}">
                  <h3>${name}</h3>
                  ${renderSchema(schema)}
                </article>`,
            )}
          </section>
        </main>
      </body>
    </html>`
  return page.text
}

function groupRoutes(document: DocumentView): ReadonlyMap<string, readonly Route[]> {
  const groups = new Map<string, Route[]>()
  for (const [path, operations] of Object.entries(document.paths ?? {})) {
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags?.[0] ?? 'Other'
      const anchor = operation.operationId ?? `${method}-${path}`
      groups.set(tag, [...(groups.get(tag) ?? []), { method, path, operation, anchor }])
    }
  }
  return groups
}

function renderNavigation([tag, routes]: readonly [string, readonly Route[]]): Html {
  const links = routes.map(
    ({ method, path, anchor }) => html`<li><a href="#${anchor}">${renderMethod(method)} ${path}</a></li>`,
  )
  return html`<h2>${tag}</h2>
    <ul>
      ${links}
    </ul>`
}

function renderGroup([tag, routes]: readonly [string, readonly Route[]]): Html {
  return html`<section>
    <h2>${tag}</h2>
    ${routes.map(renderRoute)}
  </section>`
}

function renderRoute({ method, path, operation, anchor }: Route): Html {
  return html`<article id="${anchor}">
    <h3>${renderMethod(method)} <code>${path}</code></h3>
    <p>${operation.summary ?? ''}</p>
    ${operation.description === undefined ? undefined : html`<p class="note">${operation.description}</p>`}
    ${renderParameters(operation)} ${renderBody(operation.requestBody)} ${renderResponses(operation.responses ?? {})}
  </article>`
}

function renderMethod(method: string): Html {
  return html`<span class="method ${method}">${method.toUpperCase()}</span>`
}

function renderParameters({ parameters = [] }: Operation): Html | undefined {
  if (parameters.length === 0) return undefined
  const rows = parameters.map(({ name, in: place, required, schema = {} }) => {
    const note = [schema.description ?? '', limitsOf(schema)].filter((text) => text !== '').join(' ')
    return html`<tr>
      <td><code>${name}</code></td>
      <td>${place}${required === true ? ', required' : ''}</td>
      <td>${typeName(schema)}</td>
      <td>${note}</td>
    </tr>`
  })
  return html`<h4>Parameters</h4>
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">In</th>
          <th scope="col">Type</th>
          <th scope="col">Notes</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>`
}

function renderBody(body: Operation['requestBody']): Html | undefined {
  if (body === undefined) return undefined
  return html`<details>
    <summary>Request body${body.required === true ? '' : ' (may be left out)'}</summary>
    ${renderContent(body)}
  </details>`
}

function renderResponses(responses: NonNullable<Operation['responses']>): readonly Html[] {
  return Object.entries(responses).map(
    ([status, response]) =>
      html`<details>
        <summary>Answer ${status} <span class="note">${response.description ?? ''}</span></summary>
        ${renderContent(response)}
      </details>`,
  )
}

function renderContent({ content = {} }: Content): readonly Html[] {
  return Object.entries(content).map(
    ([type, { schema = {} }]) =>
      html`<p class="note">${type}</p>
        ${renderSchema(schema)}`,
  )
}
