export { decodeModels, decodeProfiles } from './decode-models.ts'
export { decodeUsageLimits } from './decode-usage-limits.ts'
