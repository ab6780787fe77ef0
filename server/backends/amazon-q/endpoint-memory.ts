import type { BackendAccount } from '../backend.ts'
import type { EndpointVariant } from './endpoints.ts'

/** What was learned of one account's endpoints. */
export interface EndpointFacts {
  /** Endpoints that demand a profile ARN which the account does not have. */
  readonly refused: ReadonlySet<EndpointVariant>
  /** Kiro's host does not take `agentTaskType` from it. */
  readonly isTaskTypeRefused: boolean
}

/** Remembers per account which endpoints do not serve it, so that only the first request pays for finding out. */
export interface EndpointMemory {
  of(account: BackendAccount): EndpointFacts
  refuse(account: BackendAccount, variant: EndpointVariant): void
  refuseTaskType(account: BackendAccount): void
}

const NOTHING_KNOWN: EndpointFacts = { refused: new Set(), isTaskTypeRefused: false }
const MAX_ACCOUNTS = 1_000

export function createEndpointMemory(): EndpointMemory {
  const known = new Map<string, EndpointFacts>()
  // Another profile is another question.
  const keyOf = (account: BackendAccount): string => `${account.id} ${account.profileArn ?? ''}`

  function put(account: BackendAccount, facts: EndpointFacts): void {
    const key = keyOf(account)
    known.delete(key)
    const oldest = known.keys().next()
    if (known.size >= MAX_ACCOUNTS && oldest.done !== true) known.delete(oldest.value)
    known.set(key, facts)
  }

  function of(account: BackendAccount): EndpointFacts {
    return known.get(keyOf(account)) ?? NOTHING_KNOWN
  }

  return {
    of,
    refuse(account, variant) {
      const facts = of(account)
      put(account, { ...facts, refused: new Set([...facts.refused, variant]) })
    },
    refuseTaskType(account) {
      put(account, { ...of(account), isTaskTypeRefused: true })
    },
  }
}
