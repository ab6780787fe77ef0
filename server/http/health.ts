import { ProxyError } from '../canonical/error.ts'

/** What `/health` answers (promises.md §2). */
export interface Health {
  readonly status: 'ok' | 'degraded' | 'unavailable'
  readonly enabled_accounts: number
  readonly total_accounts: number
  /** The account whose upstream was really asked, by its id; null when there is none to ask. */
  readonly tested_account: string | null
  readonly message?: string
}

export interface HealthDeps {
  readonly counts: () => { readonly enabled: number; readonly total: number }
  /** Makes one cheap real call to an upstream and returns the account used; throws `ProxyError`. */
  readonly probe: (signal: AbortSignal) => Promise<string | null>
  readonly now: () => number
}

const cacheMs = 60_000
const probeMs = 15_000

/** The health check, with the result of the upstream call kept for 60 s; calls at the same time share one probe. */
export function createHealthCheck(deps: HealthDeps): () => Promise<Health> {
  let last:
    | { readonly at: number; readonly result: Promise<Pick<Health, 'status' | 'tested_account' | 'message'>> }
    | undefined
  return async () => {
    const now = deps.now()
    if (!last || now - last.at > cacheMs) last = { at: now, result: probe(deps) }
    const { enabled, total } = deps.counts()
    return { ...(await last.result), enabled_accounts: enabled, total_accounts: total }
  }
}

async function probe(deps: HealthDeps): Promise<Pick<Health, 'status' | 'tested_account' | 'message'>> {
  try {
    const account = await deps.probe(AbortSignal.timeout(probeMs))
    if (account !== null) return { status: 'ok', tested_account: account }
    return {
      status: 'unavailable',
      tested_account: null,
      message: 'No account can be used now. Sign one in, or enable one.',
    }
  } catch (error) {
    const message = error instanceof ProxyError ? error.message : 'The upstream check failed.'
    return { status: 'degraded', tested_account: null, message }
  }
}
