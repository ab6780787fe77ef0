import { describe, expect, it } from 'vitest'
import { decodeModels, decodeProfiles, decodeUsageLimits } from './decode-control.ts'

const NOW = Date.UTC(2026, 3, 20)

describe('decode-control, models', () => {
  it('reads the document of amazon-q.md §2.9', () => {
    const schema = { type: 'object', properties: { output_config: { type: 'object' } } }
    const read = decodeModels({
      models: [
        {
          modelId: 'claude-sonnet-4.5',
          modelName: 'Claude Sonnet 4.5',
          description: 'd',
          rateMultiplier: 1.3,
          rateUnit: 'Credit',
          tokenLimits: { maxInputTokens: 200_000, maxOutputTokens: 64_000 },
          supportedInputTypes: ['TEXT', 'IMAGE'],
          promptCaching: { supportsPromptCaching: true, minimumTokensPerCacheCheckpoint: 1024 },
          additionalModelRequestFieldsSchema: schema,
          somethingNew: {},
        },
        { modelId: 'auto', tokenLimits: null, supportedInputTypes: ['TEXT'], description: null },
        { modelName: 'without an id' },
        'nonsense',
      ],
      defaultModel: { modelId: 'auto' },
      nextToken: null,
    })
    expect(read).toEqual({
      models: [
        {
          id: 'claude-sonnet-4.5',
          name: 'Claude Sonnet 4.5',
          description: 'd',
          contextWindow: 200_000,
          maxOutputTokens: 64_000,
          rateMultiplier: 1.3,
          rateUnit: 'Credit',
          acceptsImages: true,
          supportsPromptCaching: true,
          requestFieldsSchema: schema,
        },
        { id: 'auto', name: 'auto', acceptsImages: false },
      ],
      defaultModel: 'auto',
    })
  })

  it('passes the token of the next page on', () => {
    expect(decodeModels({ models: [], nextToken: 'n' })).toEqual({ models: [], nextToken: 'n' })
  })

  it.each([null, {}, { models: 'x' }, [], 'text'])('refuses %j', (json) => {
    expect(() => decodeModels(json)).toThrowError(expect.objectContaining({ kind: 'upstream-invalid' }))
    expect(() => decodeProfiles(json)).toThrowError(expect.objectContaining({ kind: 'upstream-invalid' }))
  })
})

describe('decode-control, profiles', () => {
  it('takes the region from the ARN', () => {
    const arn = 'arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABCDEFGHIJKL'
    const read = decodeProfiles({
      profiles: [{ arn, profileName: 'Team', status: 'ACTIVE' }, { arn: 'nonsense' }, { profileName: 'no arn' }],
      nextToken: 'n',
    })
    expect(read).toEqual({ profiles: [{ arn, name: 'Team', region: 'eu-central-1' }], nextToken: 'n' })
  })
})

describe('decode-control, usage limits', () => {
  const breakdown = {
    resourceType: 'CREDIT',
    displayName: 'Credit',
    displayNamePlural: 'Credits',
    unit: 'INVOCATIONS',
    currentUsage: 412,
    currentUsageWithPrecision: 412.37,
    usageLimit: 1000,
    usageLimitWithPrecision: 1000,
    currentOverages: 0,
    overageCap: 10_000,
    freeTrialInfo: {
      freeTrialStatus: 'ACTIVE',
      freeTrialExpiry: 1_778_000_000,
      currentUsageWithPrecision: 20.5,
      usageLimit: 500,
    },
    bonuses: [
      {
        bonusCode: 'WELCOME',
        displayName: 'Welcome bonus',
        status: 'ACTIVE',
        expiresAt: 1_779_000_000,
        usageLimit: 100,
      },
      { displayName: 'Used up', status: 'EXHAUSTED', currentUsage: 10, usageLimit: 10 },
      { displayName: 'Past', status: 'ACTIVE', expiresAt: 1_700_000_000, usageLimit: 10 },
    ],
  }
  const answer = {
    daysUntilReset: 11,
    nextDateReset: 1_777_593_600,
    limits: [],
    subscriptionInfo: { type: 'Q_DEVELOPER_STANDALONE_PRO', subscriptionTitle: 'KIRO PRO' },
    overageConfiguration: { overageStatus: 'DISABLED', overageLimit: null },
    usageBreakdown: null,
    usageBreakdownList: [breakdown],
    userInfo: { userId: 'd-1', email: 'dev@example.com' },
  }

  it('reads the document of amazon-q.md §2.10', () => {
    const quota = decodeUsageLimits(answer, NOW)
    expect(quota).toEqual({
      plan: 'KIRO PRO',
      email: 'dev@example.com',
      resetsAt: 1_777_593_600_000,
      fetchedAt: NOW,
      buckets: [
        { kind: 'base', name: 'Credits', unit: 'credits', used: 412.37, limit: 1000 },
        { kind: 'trial', name: 'Free trial', unit: 'credits', used: 20.5, limit: 500, expiresAt: 1_778_000_000_000 },
        { kind: 'bonus', name: 'Welcome bonus', unit: 'credits', used: 0, limit: 100, expiresAt: 1_779_000_000_000 },
      ],
    })
  })

  it('shows overage where it is allowed', () => {
    const quota = decodeUsageLimits({ ...answer, overageConfiguration: { overageStatus: 'ENABLED' } }, NOW)
    expect(quota.buckets.at(-1)).toEqual({ kind: 'overage', name: 'Overage', unit: 'credits', used: 0, limit: 10_000 })
  })

  it('leaves out a trial that has run out', () => {
    const kinds = decodeUsageLimits(answer, 1_778_500_000_000).buckets.map(({ kind }) => kind)
    expect(kinds).toEqual(['base', 'bonus'])
  })

  it('reads the limits of older accounts', () => {
    const legacy = { daysUntilReset: 3, limits: [{ type: 'AGENTIC_REQUEST', currentUsage: 5, totalUsageLimit: 50 }] }
    expect(decodeUsageLimits(legacy, NOW)).toEqual({
      fetchedAt: NOW,
      buckets: [{ kind: 'base', name: 'AGENTIC_REQUEST', unit: 'requests', used: 5, limit: 50 }],
    })
  })

  it('tolerates members of unexpected types, but not another document', () => {
    expect(
      decodeUsageLimits({ usageBreakdownList: 7, limits: null, userInfo: 'x', nextDateReset: 'soon' }, NOW),
    ).toEqual({
      fetchedAt: NOW,
      buckets: [],
    })
    expect(() => decodeUsageLimits([], NOW)).toThrowError(expect.objectContaining({ kind: 'upstream-invalid' }))
  })
})
