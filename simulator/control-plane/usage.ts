import { answerCatalogue } from '../authorize.ts'
import { answerJson, type Exchange } from '../exchange.ts'
import { isObject } from '../json.ts'
import type { Account, Allowance } from '../state/accounts.ts'
import type { Plan } from '../types.ts'
import { controlCall } from './control-call.ts'

const plans: Readonly<Record<Plan, readonly [type: string, title: string]>> = {
  free: ['Q_DEVELOPER_STANDALONE_FREE', 'KIRO FREE'],
  pro: ['Q_DEVELOPER_STANDALONE_PRO', 'KIRO PRO'],
  'pro-plus': ['Q_DEVELOPER_STANDALONE_PRO_PLUS', 'KIRO PRO+'],
  power: ['Q_DEVELOPER_STANDALONE_POWER', 'KIRO POWER'],
}
const resourceTypes: ReadonlySet<unknown> = new Set([undefined, 'AGENTIC_REQUEST', 'CREDIT', 'SPEC', 'VIBE'])
const dayMs = 86_400_000
const overageRate = 0.04

/** GetUsageLimits on all planes (amazon-q.md §2.10). */
export async function getUsage(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  if (!resourceTypes.has(call.parameter('resourceType'))) {
    return answerCatalogue(exchange, 'improperly-formed', 'refused', 'unknown resourceType')
  }
  const withEmail = String(call.parameter('isEmailRequired')) === 'true'
  answerJson(exchange, 200, describeUsage(call.account, withEmail, Date.now()))
}

/** The overage switch: `setUserPreference` (amazon-q.md §2.10). */
export async function setPreference(exchange: Exchange): Promise<void> {
  const call = await controlCall(exchange)
  if (call === undefined) return
  const { overageConfiguration } = call.body
  const status = isObject(overageConfiguration) ? overageConfiguration['overageStatus'] : undefined
  if (status !== 'ENABLED' && status !== 'DISABLED') {
    return answerCatalogue(exchange, 'improperly-formed', 'refused', 'overageStatus missing or unknown')
  }
  call.account.overage = status === 'ENABLED'
  answerJson(exchange, 200, {})
}

/** The answer at that time (epoch milliseconds); everything resets on the first of the next month, UTC. */
function describeUsage(account: Account, withEmail: boolean, now: number): Record<string, unknown> {
  const date = new Date(now)
  const resetMs = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
  const nextDateReset = resetMs / 1_000
  const common = {
    daysUntilReset: Math.ceil((resetMs - now) / dayMs),
    nextDateReset,
    userInfo: { userId: account.userId, email: withEmail ? account.email : null },
  }
  if (account.legacyLimits) return { ...common, limits: [legacyLimit(account)] }
  const [type, subscriptionTitle] = plans[account.plan]
  return {
    ...common,
    limits: [],
    subscriptionInfo: {
      type,
      subscriptionTitle,
      upgradeCapability: account.plan === 'power' ? 'UPGRADE_INCAPABLE' : 'UPGRADE_CAPABLE',
      overageCapability: account.plan === 'free' ? 'OVERAGE_INCAPABLE' : 'OVERAGE_CAPABLE',
      subscriptionManagementTarget: account.plan === 'free' ? 'PURCHASE' : 'MANAGE',
    },
    overageConfiguration: { overageStatus: account.overage ? 'ENABLED' : 'DISABLED', overageLimit: null },
    usageBreakdown: null,
    usageBreakdownList: [breakdown(account, nextDateReset, Math.floor(now / 1_000))],
  }
}

function legacyLimit({ base }: Account): Record<string, unknown> {
  return {
    type: 'AGENTIC_REQUEST',
    currentUsage: Math.floor(base.used),
    totalUsageLimit: base.limit,
    percentUsed: base.limit === 0 ? 100 : (base.used / base.limit) * 100,
  }
}

function breakdown(account: Account, nextDateReset: number, nowSeconds: number): Record<string, unknown> {
  const expiry = nowSeconds + 14 * 86_400
  return {
    resourceType: 'CREDIT',
    displayName: 'Credit',
    displayNamePlural: 'Credits',
    unit: 'INVOCATIONS',
    ...amounts(account.base),
    currentOverages: Math.floor(account.overageUsed),
    currentOveragesWithPrecision: rounded(account.overageUsed),
    overageCap: 10_000,
    overageRate,
    overageCharges: rounded(account.overageUsed * overageRate),
    currency: 'USD',
    nextDateReset,
    ...(account.trial === undefined
      ? {}
      : {
          freeTrialInfo: {
            freeTrialStatus: account.trial.expired ? 'EXPIRED' : 'ACTIVE',
            freeTrialExpiry: account.trial.expired ? nowSeconds - 86_400 : expiry,
            ...amounts(account.trial),
          },
        }),
    bonuses: account.bonuses.map((bonus, index) => ({
      bonusCode: `BONUS-${index + 1}`,
      displayName: bonus.name,
      status: bonus.used >= bonus.limit ? 'EXHAUSTED' : 'ACTIVE',
      expiresAt: expiry,
      redeemedAt: nowSeconds - 86_400,
      ...amounts(bonus),
    })),
  }
}

function amounts({ used, limit }: Allowance): Record<string, number> {
  return {
    currentUsage: Math.floor(used),
    currentUsageWithPrecision: rounded(used),
    usageLimit: Math.floor(limit),
    usageLimitWithPrecision: limit,
  }
}

function rounded(value: number): number {
  return Math.round(value * 10_000) / 10_000
}
