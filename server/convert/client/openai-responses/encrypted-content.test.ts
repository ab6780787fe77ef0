import { describe, expect, it } from 'vitest'
import type { ReasoningBlock } from '../../../canonical/request.ts'
import { decodeEncryptedContent, encodeEncryptedContent } from './encrypted-content.ts'

const mine = { origin: { upstream: 'amazon-q', model: 'm' }, value: 'SIG.+/=' } as const
const foreign = { origin: { upstream: 'unknown' }, value: 'gAAAA' } as const

const blocks: readonly ReasoningBlock[] = [
  { type: 'reasoning', text: 'Grüße\u2028😀', signature: mine },
  { type: 'reasoning', text: '', signature: mine },
  { type: 'reasoning', text: 'x', signature: foreign },
  { type: 'reasoning', text: '', redacted: mine },
  { type: 'reasoning', text: '', redacted: foreign },
]

describe('encrypted-content.ts', () => {
  it.each(blocks)('%j comes back as it went, shown or hidden', (block) => {
    for (const shown of [true, false]) {
      const encrypted = encodeEncryptedContent(block, shown)
      expect(decodeEncryptedContent(encrypted ?? '', shown ? block.text : '')).toEqual(block)
    }
  })

  it('is null where there is nothing to bring back', () => {
    expect(encodeEncryptedContent({ text: 'x' }, true)).toBeNull()
    expect(encodeEncryptedContent({ text: 'x' }, false)).toBeNull()
  })

  it.each(['gAAAAAB', 'cvt.', 'cvt.x', 'cvt.!!.y', 'cvr.', 'cv1.', 'ZW5jcnlwdGVk'])(
    'any text is accepted: %s',
    (text) => {
      expect(decodeEncryptedContent(text, 'summary')).toMatchObject({ type: 'reasoning', text: 'summary' })
    },
  )
})
