import type { StoredApiKey } from '../store/types.ts'
import { hashKey, isGuessable, prefixOf } from './key-material.ts'

/** The key that a request showed. */
export interface KeyIdentity {
  readonly id: string
  readonly name: string
  readonly source: 'store' | 'environment'
  /** Short enough to be found by trying: a person chose it. */
  readonly guessable: boolean
}

/** All keys that open, by their hash. */
export interface KeyIndex {
  /** The keys that the environment names, in its order. */
  readonly environment: readonly (KeyIdentity & { readonly prefix: string })[]
  /** Replaces the stored keys. */
  load(rows: Iterable<StoredApiKey>): void
  find(presented: string): KeyIdentity | undefined
}

interface Entry {
  readonly identity: KeyIdentity
  readonly expiresAt: number
}

/**
 * Looks keys up by SHA-256. Nothing here compares the key itself: the time of a lookup depends on its hash alone, which
 * who guesses can't steer, so it tells nothing about how close a guess came.
 */
export function createKeyIndex(environmentKeys: readonly string[], now: () => number): KeyIndex {
  const environment = environmentKeys.map((key, position) => describeEnvironmentKey(key, position))
  const environmentEntries = environmentKeys.map((key, position): [string, Entry] => {
    const { prefix: _prefix, ...identity } = describeEnvironmentKey(key, position)
    return [hashKey(key), { identity, expiresAt: Number.POSITIVE_INFINITY }]
  })
  let entries = new Map(environmentEntries)

  return {
    environment,
    load(rows) {
      const next = new Map<string, Entry>()
      for (const row of rows) {
        if (!row.enabled) continue
        const identity = { id: row.id, name: row.name, source: 'store', guessable: false } as const
        next.set(row.hash, { identity, expiresAt: row.expiresAt ?? Number.POSITIVE_INFINITY })
      }
      for (const [hash, entry] of environmentEntries) next.set(hash, entry)
      entries = next
    },
    find(presented) {
      const entry = entries.get(hashKey(presented))
      return entry !== undefined && entry.expiresAt > now() ? entry.identity : undefined
    },
  }
}

function describeEnvironmentKey(key: string, position: number): KeyIdentity & { readonly prefix: string } {
  return {
    id: `environment-${position + 1}`,
    name: `From the environment (${position + 1})`,
    source: 'environment',
    guessable: isGuessable(key),
    prefix: prefixOf(key),
  }
}
