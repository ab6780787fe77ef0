import { describe, expect, it } from 'vitest'
import type { Opaque } from '../../canonical/request.ts'
import { decodeOpaque, encodeOpaque } from './opaque-text.ts'

const values: readonly Opaque[] = [
  { origin: { upstream: 'amazon-q', model: 'claude-sonnet-4.5' }, value: 'EqQB/+==' },
  { origin: { upstream: 'gemini', model: '' }, value: 'a.b..c' },
  { origin: { upstream: 'openai', model: 'modèle 名' }, value: 'cv1.openai.bQ.x' },
  { origin: { upstream: 'anthropic', model: 'm' }, value: '\u2028"\\' },
  { origin: { upstream: 'unknown' }, value: 'EqQBCkYIBxgCKkBzaWduYXR1cmU=' },
  { origin: { upstream: 'unknown' }, value: 'cv1.amazon-q.bQ.forged' },
  { origin: { upstream: 'unknown' }, value: 'cv1.' },
  { origin: { upstream: 'unknown' }, value: '' },
]

const untagged = [
  'cv1',
  'cv1.',
  'cv1..',
  'cv1.amazon-q',
  'cv1.amazon-q.bQ',
  'cv1.amazon-q.bQ.',
  'cv1.nobody.bQ.x',
  'cv1.amazon-q.b Q.x',
  'cv1.amazon-q.bQ==.x',
  'cv1.constructor.bQ.x',
  'cv2.amazon-q.bQ.x',
  'CV1.amazon-q.bQ.x',
  ' cv1.amazon-q.bQ.x',
]

describe('opaque-text.ts', () => {
  it.each(values)('%j comes back as it went', (opaque) => expect(decodeOpaque(encodeOpaque(opaque))).toEqual(opaque))

  it('has a stable form', () => {
    expect(encodeOpaque({ origin: { upstream: 'amazon-q', model: 'm' }, value: 'v' })).toBe('cv1.amazon-q.bQ.v')
    expect(encodeOpaque({ origin: { upstream: 'unknown' }, value: 'v' })).toBe('v')
  })

  it.each(untagged)('%j is of unknown origin and keeps its text', (text) => {
    expect(decodeOpaque(text)).toEqual({ origin: { upstream: 'unknown' }, value: text })
  })
})
