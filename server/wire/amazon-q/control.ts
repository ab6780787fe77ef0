import { z } from 'zod'
import { lenientArray, optionalBoolean, optionalNumber, optionalString, optionalTimestamp } from './lenient.ts'

const schemaObject = z.record(z.string(), z.json())

/** One entry of ListAvailableModels (amazon-q.md §2.9). */
export const amazonQModelSchema = z.looseObject({
  modelId: z.string().min(1),
  modelName: optionalString,
  displayName: optionalString,
  description: optionalString,
  rateMultiplier: optionalNumber,
  rateUnit: optionalString,
  tokenLimits: z
    .looseObject({ maxInputTokens: optionalNumber, maxOutputTokens: optionalNumber })
    .optional()
    .catch(undefined),
  supportedInputTypes: z.array(z.string()).optional().catch(undefined),
  promptCaching: z.looseObject({ supportsPromptCaching: optionalBoolean }).optional().catch(undefined),
  additionalModelRequestFieldsSchema: schemaObject.optional().catch(undefined),
})

/** The answer of ListAvailableModels. `models` must be there: without it the answer is something else. */
export const amazonQModelsSchema = z.looseObject({
  models: z.array(z.unknown()).pipe(lenientArray(amazonQModelSchema)),
  defaultModel: z
    .looseObject({ modelId: z.string().min(1) })
    .optional()
    .catch(undefined),
  nextToken: optionalString,
})

/** The answer of ListAvailableProfiles (amazon-q.md §2.9). */
export const amazonQProfilesSchema = z.looseObject({
  profiles: z
    .array(z.unknown())
    .pipe(lenientArray(z.looseObject({ arn: z.string().min(1), profileName: optionalString }))),
  nextToken: optionalString,
})

const trialSchema = z.looseObject({
  freeTrialStatus: optionalString,
  freeTrialExpiry: optionalTimestamp,
  currentUsage: optionalNumber,
  currentUsageWithPrecision: optionalNumber,
  usageLimit: optionalNumber,
  usageLimitWithPrecision: optionalNumber,
})

const bonusSchema = z.looseObject({
  bonusCode: optionalString,
  displayName: optionalString,
  status: optionalString,
  expiresAt: optionalTimestamp,
  currentUsage: optionalNumber,
  currentUsageWithPrecision: optionalNumber,
  usageLimit: optionalNumber,
  usageLimitWithPrecision: optionalNumber,
})

const breakdownSchema = z.looseObject({
  resourceType: optionalString,
  displayName: optionalString,
  displayNamePlural: optionalString,
  unit: optionalString,
  currentUsage: optionalNumber,
  currentUsageWithPrecision: optionalNumber,
  usageLimit: optionalNumber,
  usageLimitWithPrecision: optionalNumber,
  currentOverages: optionalNumber,
  currentOveragesWithPrecision: optionalNumber,
  overageCap: optionalNumber,
  nextDateReset: optionalTimestamp,
  freeTrialInfo: trialSchema.optional().catch(undefined),
  bonuses: lenientArray(bonusSchema),
})

const legacyLimitSchema = z.looseObject({
  type: optionalString,
  currentUsage: optionalNumber,
  totalUsageLimit: optionalNumber,
})

/** The answer of GetUsageLimits (amazon-q.md §2.10). Older accounts fill `limits` instead of the breakdown list. */
export const amazonQUsageLimitsSchema = z.looseObject({
  nextDateReset: optionalTimestamp,
  limits: lenientArray(legacyLimitSchema),
  subscriptionInfo: z
    .looseObject({ type: optionalString, subscriptionTitle: optionalString })
    .optional()
    .catch(undefined),
  overageConfiguration: z.looseObject({ overageStatus: optionalString }).optional().catch(undefined),
  usageBreakdown: breakdownSchema.optional().catch(undefined),
  usageBreakdownList: lenientArray(breakdownSchema),
  userInfo: z.looseObject({ userId: optionalString, email: optionalString }).optional().catch(undefined),
})

export type AmazonQUsageLimits = z.output<typeof amazonQUsageLimitsSchema>
export type AmazonQUsageBreakdown = AmazonQUsageLimits['usageBreakdownList'][number]
export type AmazonQModel = z.output<typeof amazonQModelSchema>
