import type { Behaviour } from '../configuration.ts'
import { placeholderArn, socialArn, type Account } from '../state/accounts.ts'
import type { Endpoint } from '../state/received.ts'
import { demand } from './violation.ts'

const pattern = /^arn:aws:(codewhisperer|transform):[a-z0-9-]+:\d{12}:profile\/[A-Za-z0-9]{12}$/u

/**
 * Who must send a profile ARN, and which ones are good (amazon-q.md §2.1, §2.9).
 *
 * @throws Violation
 */
export function checkProfileArn(arn: unknown, account: Account, endpoint: Endpoint, behaviour: Behaviour): void {
  if (arn === undefined || arn === '') {
    demand(!needsArn(account, endpoint, behaviour), `profileArn missing on ${endpoint}`, 'profile-arn-required')
    return
  }
  demand(typeof arn === 'string' && pattern.test(arn), 'profileArn malformed')
  const own = account.profiles.some((profile) => profile.arn === arn)
  const placeholder = account.kind !== 'idc' && (arn === placeholderArn || arn === socialArn)
  const fault = account.kind === 'idc' ? 'not-authorized' : 'improperly-formed'
  demand(own || placeholder, 'profileArn is of another account', fault)
}

function needsArn(account: Account, endpoint: Endpoint, behaviour: Behaviour): boolean {
  if (endpoint === 'E4') return true
  if (endpoint === 'E1') return false
  return behaviour.profileArnOnQ === 'rest' || (behaviour.profileArnOnQ === 'idc' && account.kind === 'idc')
}
