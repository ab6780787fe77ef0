import { describe, expect, it } from 'vitest'
import type { ProxyError } from '../../../canonical/error.ts'
import { decodeFileData, decodeFileUrl, decodeImageUrl } from './media.ts'

const png = { type: 'image', source: { type: 'base64', mediaType: 'image/png', data: 'iVBORw0K' } }

describe('openai/media.ts', () => {
  it.each([
    ['data:image/png;base64,iVBORw0K', png],
    ['data:IMAGE/PNG;name="a.png";base64,iVBORw0K', png],
    ['data:image/png;base64,iVBO\r\nRw0K\n', png],
    [
      'data:image/svg+xml,%3Csvg%2F%3E',
      { type: 'image', source: { type: 'base64', mediaType: 'image/svg+xml', data: btoa('<svg/>') } },
    ],
    ['https://example.com/a.png', { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }],
    ['HTTP://example.com/a', { type: 'image', source: { type: 'url', url: 'HTTP://example.com/a' } }],
  ])('image %s', (url, block) => {
    expect(decodeImageUrl(url, 'p')).toEqual(block)
  })

  it.each([
    ['data:application/pdf;base64,QUJD', 'a.pdf', 'document', 'application/pdf', 'a.pdf'],
    ['QUJD', 'a.pdf', 'document', 'application/pdf', 'a.pdf'],
    ['QUJD', undefined, 'document', 'application/pdf', undefined],
    ['QUJD', 'notes.MD', 'document', 'text/markdown', 'notes.MD'],
    ['QUJD', 'a.png', 'image', 'image/png', undefined],
    ['data:image/gif;base64,QUJD', 'a.pdf', 'image', 'image/gif', undefined],
    ['data:;base64,QUJD', 'a', 'document', 'text/plain', 'a'],
  ])('file %s named %s', (data, name, type, mediaType, title) => {
    const source = { type: 'base64', mediaType, data: 'QUJD' }
    expect(decodeFileData(data, name, 'p')).toEqual({ type, source, ...(title === undefined ? {} : { title }) })
  })

  it('keeps the link of a file', () => {
    const source = { type: 'url', url: 'https://example.com/a.pdf' }
    expect(decodeFileUrl('https://example.com/a.pdf', 'a.pdf', 'p')).toEqual({
      type: 'document',
      source,
      title: 'a.pdf',
    })
    expect(decodeFileUrl('data:image/png;base64,iVBORw0K', undefined, 'p')).toEqual(png)
  })

  it.each([
    'data:text/plain;base64,QUJD',
    'data:image/png;base64,',
    'data:image/png,%E0%A4%A',
    `data:${'x'.repeat(600)},QUJD`,
    'file:///etc/passwd',
    'data:image/png',
    'example.com/a.png',
    'javascript:alert(1)',
  ])('refuses the image %s', (url) => {
    expect(() => decodeImageUrl(url, 'messages.0.content.0.image_url.url')).toThrow(
      expect.objectContaining({ kind: 'invalid-request', param: 'messages.0.content.0.image_url.url' }) as ProxyError,
    )
  })
})
