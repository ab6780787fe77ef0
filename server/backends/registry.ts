import { ProxyError } from '../canonical/error.ts'
import type { Backend } from './backend.ts'

/** Which backend serves which type of account. */
export interface BackendRegistry {
  find(accountType: string): Backend | undefined
  /** Throws `internal` when no backend serves the type. */
  get(accountType: string): Backend
}

/** Throws when two backends claim one type of account. */
export function createBackendRegistry(backends: readonly Backend[]): BackendRegistry {
  const byType = new Map<string, Backend>()
  for (const backend of backends) {
    for (const type of backend.accountTypes) {
      if (byType.has(type)) throw new Error(`Two backends serve accounts of the type ${type}.`)
      byType.set(type, backend)
    }
  }
  return {
    find: (accountType) => byType.get(accountType),
    get(accountType) {
      const backend = byType.get(accountType)
      if (backend !== undefined) return backend
      throw new ProxyError(
        'internal',
        `This version of Culvert has no backend for accounts of the type ${accountType}.`,
      )
    },
  }
}
