import type { Quota, QuotaBucket } from '../../../canonical/offering.ts'
import {
  amazonQUsageLimitsSchema,
  type AmazonQUsageBreakdown,
  type AmazonQUsageLimits,
} from '../../../wire/amazon-q/control.ts'
import { notAnAnswer } from './decode-models.ts'

/**
 * The answer of GetUsageLimits (amazon-q.md §2.10). What is left is the sum over base, trial and bonus buckets of limit
 * minus used; the overage bucket is there only where the person has allowed paid overage, or some was used. Expired
 * trials and bonuses are left out. `now` in epoch milliseconds. Throws `ProxyError` `upstream-invalid`.
 */
export function decodeUsageLimits(json: unknown, now: number): Quota {
  const read = amazonQUsageLimitsSchema.safeParse(json)
  if (!read.success) throw notAnAnswer('report of usage limits', read.error)
  const limits = read.data
  const breakdowns = limits.usageBreakdownList.length > 0 ? limits.usageBreakdownList : [limits.usageBreakdown]
  const overageAllowed = limits.overageConfiguration?.overageStatus === 'ENABLED'
  const buckets: QuotaBucket[] = []
  for (const breakdown of breakdowns) {
    if (breakdown !== undefined) buckets.push(...bucketsOf(breakdown, overageAllowed, now))
  }
  if (buckets.length === 0) buckets.push(...legacyBuckets(limits))
  const plan = limits.subscriptionInfo?.subscriptionTitle ?? limits.subscriptionInfo?.type
  const email = limits.userInfo?.email
  const resetsAt = limits.nextDateReset ?? breakdowns[0]?.nextDateReset
  return {
    ...(plan !== undefined && plan !== '' && { plan }),
    ...(email !== undefined && email !== '' && { email }),
    buckets,
    ...(resetsAt !== undefined && { resetsAt }),
    fetchedAt: now,
  }
}

function bucketsOf(breakdown: AmazonQUsageBreakdown, overageAllowed: boolean, now: number): QuotaBucket[] {
  const name = breakdown.displayNamePlural ?? breakdown.displayName ?? breakdown.resourceType ?? 'Requests'
  const unit = name.toLowerCase()
  const buckets: QuotaBucket[] = [{ kind: 'base', name, unit, ...amounts(breakdown) }]
  const trial = breakdown.freeTrialInfo
  if (trial?.freeTrialStatus === 'ACTIVE' && isCurrent(trial.freeTrialExpiry, now)) {
    buckets.push({ kind: 'trial', name: 'Free trial', unit, ...amounts(trial), ...expiry(trial.freeTrialExpiry) })
  }
  for (const bonus of breakdown.bonuses) {
    if (bonus.status !== 'ACTIVE' || !isCurrent(bonus.expiresAt, now)) continue
    const bonusName = bonus.displayName ?? bonus.bonusCode ?? 'Bonus'
    buckets.push({ kind: 'bonus', name: bonusName, unit, ...amounts(bonus), ...expiry(bonus.expiresAt) })
  }
  const overage = breakdown.currentOveragesWithPrecision ?? breakdown.currentOverages ?? 0
  if (overageAllowed || overage > 0) {
    buckets.push({ kind: 'overage', name: 'Overage', unit, used: overage, limit: breakdown.overageCap ?? 0 })
  }
  return buckets
}

/** Older accounts have one figure a kind of request and nothing else. */
function legacyBuckets(limits: AmazonQUsageLimits): QuotaBucket[] {
  const buckets: QuotaBucket[] = []
  for (const { type, currentUsage, totalUsageLimit } of limits.limits) {
    if (totalUsageLimit === undefined) continue
    const name = type ?? 'Requests'
    buckets.push({ kind: 'base', name, unit: 'requests', used: currentUsage ?? 0, limit: totalUsageLimit })
  }
  return buckets
}

interface Amounts {
  readonly currentUsage: number | undefined
  readonly currentUsageWithPrecision: number | undefined
  readonly usageLimit: number | undefined
  readonly usageLimitWithPrecision: number | undefined
}

function amounts(source: Partial<Amounts>): { readonly used: number; readonly limit: number } {
  return {
    used: source.currentUsageWithPrecision ?? source.currentUsage ?? 0,
    limit: source.usageLimitWithPrecision ?? source.usageLimit ?? 0,
  }
}

function isCurrent(expiresAt: number | undefined, now: number): boolean {
  return expiresAt === undefined || expiresAt > now
}

function expiry(expiresAt: number | undefined): { readonly expiresAt?: number } {
  return expiresAt === undefined ? {} : { expiresAt }
}
