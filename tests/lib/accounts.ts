import type { IssuedAccount } from '../../simulator/index.ts'
import type { CulvertProcess } from './culvert.ts'

/** An account as the management API shows it. */
export interface AddedAccount {
  readonly id: string
  readonly [field: string]: unknown
}

/** Adds a signed-in identity of the simulator by its credentials and waits until its models are known. */
export async function addAccount(
  culvert: CulvertProcess,
  issued: IssuedAccount,
  extra: object = {},
): Promise<AddedAccount> {
  const created = (await culvert.admin('POST', '/v2/accounts', {
    type: 'kiro',
    label: issued.email,
    refreshToken: issued.refreshToken,
    accessToken: issued.accessToken,
    ...(issued.clientId === '' ? {} : { clientId: issued.clientId, clientSecret: issued.clientSecret }),
    ...(issued.profileArn === undefined ? {} : { profileArn: issued.profileArn }),
    ...extra,
  })) as AddedAccount
  return (await culvert.admin('POST', `/v2/accounts/${created.id}/refresh`)) as AddedAccount
}
