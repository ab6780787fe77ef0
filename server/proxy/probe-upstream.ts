import type { AccountBook } from '../accounts/account-book.ts'
import { toBackendAccount } from '../accounts/backend-account.ts'
import type { TokenService } from '../accounts/tokens.ts'
import type { Backend, BackendOptions } from '../backends/backend.ts'

export interface ProbeDeps {
  readonly book: AccountBook
  readonly tokens: TokenService
  readonly backendFor: (accountType: string) => Backend | undefined
  readonly options: () => BackendOptions
}

/**
 * Asks one ready account's upstream for its models: the cheapest call that proves token, network and service. Resolves
 * with the account's id, or null when no account is ready. Rejects with `ProxyError`.
 */
export async function probeUpstream(deps: ProbeDeps, signal: AbortSignal): Promise<string | null> {
  for (const account of deps.book.list()) {
    const models = deps.backendFor(account.type)?.models
    if (!account.enabled || account.status !== 'ready' || models === undefined) continue
    const accessToken = await deps.tokens.fresh(account.id, signal)
    await models({ account: toBackendAccount(account), accessToken, signal, options: deps.options() })
    return account.id
  }
  return null
}
