import { describe, expect, it } from 'vitest'
import { checkAmazonQBody } from '../../../../tests/support/amazon-q/check-request.ts'
import { randomRequest } from '../../../../tests/support/amazon-q/random-request.ts'
import { createRandom } from '../../../../tests/support/random.ts'
import type { AmazonQEncodeContext } from './encode-context.ts'
import { encodeAmazonQRequest } from './encode-request.ts'

const SEEDS = 2_000

describe('encode-request, any messy request', () => {
  it(`gives a body that an independent checker accepts, for ${SEEDS} seeds`, () => {
    const failures: string[] = []
    for (let seed = 1; seed <= SEEDS && failures.length < 5; seed += 1) {
      const random = createRandom(seed)
      const request = randomRequest(random)
      const before = JSON.stringify(request)
      const context: AmazonQEncodeContext = {
        conversationId: 'c',
        origin: random.pick(['AI_EDITOR', 'KIRO_CLI', 'CLI']),
        cachePoints: random.chance(0.5),
        includeAgentTaskType: random.chance(0.5),
        stripReasoning: random.chance(0.2),
        modelInfo: { supportsPromptCaching: random.chance(0.5), acceptsImages: random.chance(0.8) },
      }
      const { body } = encodeAmazonQRequest(request, context)
      const faults = checkAmazonQBody(body)
      if (faults.length > 0) failures.push(`seed ${seed}: ${faults.join('; ')}`)
      if (JSON.stringify(request) !== before) failures.push(`seed ${seed}: the request itself was changed`)
      const again = encodeAmazonQRequest(request, context)
      if (JSON.stringify(again.body) !== JSON.stringify(body)) failures.push(`seed ${seed}: two encodings differ`)
    }
    expect(failures).toEqual([])
  })
})
