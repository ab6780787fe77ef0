import type { SecretStore } from './secret-store.ts'

/** A store that forgets everything at the end of the process; for tests and trials. */
export function createMemorySecretStore(initial: Readonly<Record<string, string>> = {}): SecretStore {
  const secrets = new Map(Object.entries(initial))
  return {
    description: { kind: 'memory', sentence: 'Secrets are kept in memory only and are gone when Culvert stops.' },
    get: (name) => Promise.resolve(secrets.get(name)),
    async set(name, value) {
      secrets.set(name, value)
    },
    async delete(name) {
      secrets.delete(name)
    },
    names: () => Promise.resolve([...secrets.keys()]),
    close: () => Promise.resolve(),
  }
}
