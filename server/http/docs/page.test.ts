import { describe, expect, it } from 'vitest'
import { renderDocsPage } from './page.ts'

const hostile = '<img src=x onerror=alert(1)>&"\''

describe('server/http/docs/page.ts', () => {
  it('escapes everything that the document says', () => {
    const schema = {
      type: 'object',
      properties: { [hostile]: { type: 'string', description: hostile, enum: [hostile] } },
    }
    const page = renderDocsPage({
      info: { title: hostile, version: hostile, description: hostile },
      paths: {
        [`/${hostile}`]: {
          get: {
            operationId: hostile,
            summary: hostile,
            description: hostile,
            tags: [hostile],
            parameters: [{ name: hostile, in: hostile, schema: { description: hostile } }],
            requestBody: { content: { [hostile]: { schema } } },
            responses: { [hostile]: { description: hostile } },
          },
        },
      },
      components: { schemas: { [hostile]: { $ref: hostile } } },
    })
    expect(page).not.toContain('<img')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;')
  })

  it('shows types, limits and links in words', () => {
    const members = {
      count: { type: 'integer', minimum: 1, maximum: 9, description: 'How many.' },
      kind: { anyOf: [{ enum: ['a', 'b'] }, { type: 'null' }] },
      items: { type: 'array', items: { $ref: '#/components/schemas/Thing' } },
    }
    const page = renderDocsPage({
      components: { schemas: { Thing: { type: 'object', properties: members, required: ['count'] } } },
    })
    const text = page.replaceAll(/\s+/gu, ' ')
    expect(text).toContain(
      '<code>count</code> <span class="type">integer</span> <span class="required">required</span>',
    )
    expect(text).toContain('1 to 9')
    expect(text).toContain('&quot;a&quot; | &quot;b&quot; | null')
    expect(text).toContain('list of <a href="#schema-Thing">Thing</a>')
  })
})
