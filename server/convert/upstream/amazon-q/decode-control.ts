export { decodeModels, decodeProfiles, regionOfArn, type UpstreamModel, type UpstreamProfile } from './decode-models.ts'
export { decodeUsageLimits, type UpstreamQuota, type UpstreamQuotaBucket } from './decode-usage-limits.ts'
