import { beforeAll, describe, expect, it } from 'vitest'
import { managementPath } from './app.ts'
import { generateOpenAPIDocument } from './openapi-document.ts'

type Member = { readonly [name: string]: Member } & readonly Member[]

let document: Readonly<Record<string, unknown>>

beforeAll(async () => {
  document = JSON.parse(JSON.stringify(await generateOpenAPIDocument('1.2.3'))) as typeof document
})

/** Every value in the document with the way to it. */
function walk(value: unknown, path: readonly string[] = []): readonly (readonly [readonly string[], unknown])[] {
  const inside =
    typeof value === 'object' && value !== null
      ? Object.entries(value).flatMap(([name, member]) => walk(member, [...path, name]))
      : []
  return [[path, value], ...inside]
}

function operations(): readonly {
  readonly method: string
  readonly path: string
  readonly operation: Record<string, unknown>
}[] {
  const paths = document['paths'] as Record<string, Record<string, Record<string, unknown>>>
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  )
}

/** promises.md §2, what this version has of it, and what the console needs besides. */
const promised = [
  'GET /v2/accounts',
  'POST /v2/accounts',
  'POST /v2/accounts/batch',
  'POST /v2/accounts/feed',
  'POST /v2/accounts/import',
  'GET /v2/accounts/export',
  'POST /v2/accounts/export',
  'GET /v2/accounts/{id}',
  'PATCH /v2/accounts/{id}',
  'DELETE /v2/accounts/{id}',
  'POST /v2/accounts/{id}/refresh',
  'POST /v2/accounts/{id}/test',
  'POST /v2/auth/start',
  'GET /v2/auth',
  'GET /v2/auth/found',
  'POST /v2/auth/found/{id}/import',
  'GET /v2/auth/status/{authId}',
  'POST /v2/auth/claim/{authId}',
  'POST /v2/auth/cancel/{authId}',
  'POST /v2/auth/callback-url/{authId}',
  'GET /v2/settings',
  'PUT /v2/settings',
  'GET /v2/logs',
  'GET /v2/logs/stats',
  'POST /v2/logs/cleanup',
  'GET /v2/api-keys',
  'POST /v2/api-keys',
  'GET /v2/api-keys/{id}',
  'PUT /v2/api-keys/{id}',
  'DELETE /v2/api-keys/{id}',
  'POST /v2/api-keys/{id}/revoke',
  'POST /v2/api-keys/{id}/rotate',
  'GET /v2/stats/accounts',
  'GET /v2/stats/api-keys',
  'GET /v2/status',
  'GET /v2/events',
]

describe('server/http/openapi-document.ts', () => {
  it('is an OpenAPI 3.1 document of this version, for holders of the admin token', () => {
    expect(document['openapi']).toMatch(/^3\.1\.\d+$/u)
    expect(document['info']).toMatchObject({ title: expect.any(String), version: '1.2.3' })
    expect(document['security']).toEqual([{ adminToken: [] }])
    expect(document['components']).toMatchObject({
      securitySchemes: { adminToken: { type: 'http', scheme: 'bearer' } },
    })
  })

  it('has every route where the door lets requests through to it', () => {
    expect(operations().filter(({ path }) => !managementPath.test(path))).toEqual([])
  })

  it('has exactly the promised routes', () => {
    const routes = operations().map(({ method, path }) => `${method.toUpperCase()} ${path}`)
    expect(routes.toSorted()).toEqual(promised.toSorted())
  })

  it('gives every operation a name of its own, a summary, a tag and answers', () => {
    const names = operations().map(({ operation }) => operation['operationId'])
    expect(new Set(names).size).toBe(names.length)
    for (const { operation } of operations()) {
      expect(operation).toMatchObject({ summary: expect.stringMatching(/\S/u), tags: [expect.any(String)] })
      const responses = operation['responses'] as Record<
        string,
        { readonly description?: string; readonly content?: object }
      >
      expect(Object.keys(responses)).toEqual(['200', '4XX', '5XX'])
      expect(
        Object.values(responses).every((each) => each.description !== undefined && each.content !== undefined),
      ).toBe(true)
    }
  })

  it('declares the parameters of every path, and no others', () => {
    for (const { path, operation } of operations()) {
      const declared = (operation['parameters'] ?? []) as readonly Readonly<Record<string, unknown>>[]
      const inPath = declared.filter((parameter) => parameter['in'] === 'path')
      const names = [...path.matchAll(/\{(?<name>[^}]+)\}/gu)].map((match) => match.groups?.['name'])
      expect(inPath.map((parameter) => parameter['name'])).toEqual(names)
      expect(inPath.every((parameter) => parameter['required'] === true)).toBe(true)
      expect(
        declared.every(
          (each) => each['schema'] !== undefined && ['path', 'query', 'header'].includes(String(each['in'])),
        ),
      ).toBe(true)
    }
  })

  it('refers only to what is there, with types that exist', () => {
    const types = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null'])
    const broken = walk(document).filter(([path, value]) => {
      const keyword = path.at(-2) === 'properties' ? undefined : path.at(-1)
      if (keyword === '$ref') return find(String(value)) === undefined
      return keyword === 'type' && !path.includes('securitySchemes') && !types.has(String(value))
    })
    expect(broken).toEqual([])
    expect(walk(document).filter(([path]) => path.at(-1) === '$ref').length).toBeGreaterThan(50)
  })

  it('has no secret in any answer but a fresh key and an export that was asked for', () => {
    const secret = /secret$|token$|password|passphrase|^key$|apiKey/iu
    const schemas = (document['components'] as { readonly schemas: Record<string, unknown> }).schemas
    const found = Object.entries(schemas).flatMap(([name, schema]) =>
      propertyNames(schema)
        .filter((property) => secret.test(property))
        .map((property) => `${name}.${property}`),
    )
    expect(found.toSorted()).toEqual([
      'ApiKeyCreated.key',
      'PlainExport.accessToken',
      'PlainExport.clientSecret',
      'PlainExport.refreshToken',
    ])
    const inline = operations().flatMap(({ operation }) => propertyNames((operation['responses'] as Member)['200']))
    expect(inline.filter((property) => secret.test(property))).toEqual([])
  })
})

function find(reference: string): Member | undefined {
  const names = reference.replace(/^#\//u, '').split('/')
  return names.reduce<Member | undefined>((at, name) => at?.[name], document as Member)
}

function propertyNames(schema: unknown): readonly string[] {
  return walk(schema).flatMap(([path]) => (path.at(-2) === 'properties' ? [path.at(-1) ?? ''] : []))
}
