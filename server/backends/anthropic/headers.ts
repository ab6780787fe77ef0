import { ownHeaders } from '../account-address.ts'
import type { BackendAccount, BackendOptions } from '../backend.ts'

export const ANTHROPIC_ADDRESS = 'https://api.anthropic.com'

export interface HeaderContext {
  readonly account: BackendAccount
  /** The API key. */
  readonly accessToken: string
  readonly options: Pick<BackendOptions, 'userAgent'>
}

/**
 * The headers of every call (clients.md §4). The account's own come last, so that a service that wants its key
 * elsewhere can be told so.
 */
export function anthropicHeaders(
  { account, accessToken, options }: HeaderContext,
  betas: readonly string[] = [],
): Record<string, string> {
  const wantsBearer = account.options['keyHeader'] === 'bearer'
  return {
    ...(wantsBearer ? { authorization: `Bearer ${accessToken}` } : { 'x-api-key': accessToken }),
    'anthropic-version': '2023-06-01',
    'user-agent': options.userAgent,
    ...(betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }),
    ...ownHeaders(account),
  }
}
