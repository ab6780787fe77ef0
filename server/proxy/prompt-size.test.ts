import { describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import { withPromptSize } from './prompt-size.ts'

const upstream = { upstream: 'amazon-q', code: 'CONTENT_LENGTH_EXCEEDS_THRESHOLD' } as const
const tooLong = new ProxyError('prompt-too-long', 'Too long.', { upstreamStatus: 400, upstream })

describe('prompt-size.ts', () => {
  it('tells half of the excess in whole tokens, and keeps the rest', () => {
    expect(withPromptSize(tooLong, { tokens: 210_000.4, limit: 200_000 })).toMatchObject({
      kind: 'prompt-too-long',
      message: 'Too long.',
      upstreamStatus: 400,
      upstream,
      promptSize: { tokens: 205_001, limit: 200_000 },
    })
  })

  it.each([
    ['an unknown window', tooLong, { tokens: 210_000, limit: null }],
    ['an estimate that disagrees', tooLong, { tokens: 200_000, limit: 200_000 }],
    [
      "the service's own figures",
      new ProxyError('prompt-too-long', 'Too long.', { promptSize: { tokens: 5, limit: 4 } }),
      { tokens: 210_000, limit: 200_000 },
    ],
    ['another kind', new ProxyError('network', 'Broken.'), { tokens: 210_000, limit: 200_000 }],
    ['no error of ours', new Error('Broken.'), { tokens: 210_000, limit: 200_000 }],
  ])('leaves %s alone', (_name, error, figures) => {
    expect(withPromptSize(error, figures)).toBe(error)
  })
})
