import { hash, timingSafeEqual } from 'node:crypto'
import type { SecretStore } from '../secrets/secret-store.ts'
import { generateAdminToken } from './key-material.ts'

export interface AdminToken {
  /** Compares in constant time. */
  verify(presented: string): boolean
  /** The token itself, for the start line and for Culvert's own window. Never logged. */
  readonly value: string
  readonly source: 'environment' | 'stored'
  /** This start made it: to be shown to the person once. */
  readonly fresh: boolean
}

const secretName = 'server/admin-token'

/** The token of the environment, else the stored one, else a new one that is stored. Rejects with the secret store's errors. */
export async function loadAdminToken(dependencies: {
  readonly secrets: Pick<SecretStore, 'get' | 'set'>
  readonly environmentToken?: string | undefined
}): Promise<AdminToken> {
  const { secrets, environmentToken } = dependencies
  if (environmentToken !== undefined) return describe(environmentToken, 'environment', false)
  const stored = await secrets.get(secretName)
  if (stored !== undefined) return describe(stored, 'stored', false)
  const made = generateAdminToken()
  await secrets.set(secretName, made)
  return describe(made, 'stored', true)
}

function describe(value: string, source: AdminToken['source'], fresh: boolean): AdminToken {
  const expected = digest(value)
  return { value, source, fresh, verify: (presented) => timingSafeEqual(digest(presented), expected) }
}

/** Equal lengths for any two texts, as the comparison needs. */
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer')
}
