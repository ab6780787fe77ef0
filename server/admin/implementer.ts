import { implement } from '@orpc/server'
import { contract } from '../contract/contract.ts'
import type { AdminDependencies } from './dependencies.ts'
import { toManagementError } from './errors.ts'

/** The contract as something to implement; every failure leaves it as one of the contract's own errors. */
export function createImplementer({ onError }: Pick<AdminDependencies, 'onError'>) {
  return implement(contract).use(async ({ next }) => {
    try {
      return await next()
    } catch (error) {
      throw toManagementError(error, onError)
    }
  })
}

export type Implementer = ReturnType<typeof createImplementer>
