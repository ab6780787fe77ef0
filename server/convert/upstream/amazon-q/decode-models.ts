import { ProxyError } from '../../../canonical/error.ts'
import type { ModelInfo, Profile } from '../../../canonical/offering.ts'
import { amazonQModelsSchema, amazonQProfilesSchema, type AmazonQModel } from '../../../wire/amazon-q/control.ts'

/** A page of ListAvailableModels (amazon-q.md §2.9). Throws `ProxyError` `upstream-invalid` if it is none. */
export function decodeModels(json: unknown): {
  readonly models: readonly ModelInfo[]
  readonly nextToken?: string
  readonly defaultModel?: string
} {
  const read = amazonQModelsSchema.safeParse(json)
  if (!read.success) throw notAnAnswer('list of models', read.error)
  const { models, nextToken, defaultModel } = read.data
  return {
    models: models.map(toModel),
    ...(isFilled(nextToken) && { nextToken }),
    ...(defaultModel !== undefined && { defaultModel: defaultModel.modelId }),
  }
}

function toModel(model: AmazonQModel): ModelInfo {
  const { description, rateMultiplier, rateUnit, tokenLimits, supportedInputTypes } = model
  const contextWindow = positive(tokenLimits?.maxInputTokens)
  const maxOutputTokens = positive(tokenLimits?.maxOutputTokens)
  const supportsPromptCaching = model.promptCaching?.supportsPromptCaching
  const requestFieldsSchema = model.additionalModelRequestFieldsSchema
  return {
    id: model.modelId,
    name: model.displayName ?? model.modelName ?? model.modelId,
    ...(isFilled(description) && { description }),
    ...(contextWindow !== undefined && { contextWindow }),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(rateMultiplier !== undefined && { rateMultiplier }),
    ...(isFilled(rateUnit) && { rateUnit }),
    ...(supportedInputTypes !== undefined && { acceptsImages: supportedInputTypes.includes('IMAGE') }),
    ...(supportsPromptCaching !== undefined && { supportsPromptCaching }),
    ...(requestFieldsSchema !== undefined && { requestFieldsSchema }),
  }
}

/**
 * A page of ListAvailableProfiles (amazon-q.md §2.9); entries whose ARN names no region are left out. Throws `ProxyError`
 * `upstream-invalid` if it is none.
 */
export function decodeProfiles(json: unknown): {
  readonly profiles: readonly Profile[]
  readonly nextToken?: string
} {
  const read = amazonQProfilesSchema.safeParse(json)
  if (!read.success) throw notAnAnswer('list of profiles', read.error)
  const profiles: Profile[] = []
  for (const { arn, profileName } of read.data.profiles) {
    const region = regionOfArn(arn)
    if (region !== undefined) profiles.push({ arn, region, ...(isFilled(profileName) && { name: profileName }) })
  }
  const { nextToken } = read.data
  return { profiles, ...(isFilled(nextToken) && { nextToken }) }
}

/** The API region is the fourth field of a profile's ARN (amazon-q.md §1.3). */
export function regionOfArn(arn: string): string | undefined {
  const parts = arn.split(':')
  const region = parts[3]
  return parts[0] === 'arn' && isFilled(region) ? region : undefined
}

/** The error for a control-plane answer that is not what its operation promises. */
export function notAnAnswer(what: string, cause: unknown): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    `The service answered something that is no ${what}. The fault is the service's, or the endpoint of this account is ` +
      'not the right one.',
    { cause },
  )
}

function isFilled(value: string | undefined): value is string {
  return value !== undefined && value !== ''
}

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined
}
