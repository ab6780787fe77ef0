import type { SecretStore } from '../../../server/secrets/secret-store.ts'
import type { StoredAccount } from '../../../server/store/types.ts'

/** A secret store in memory that records the order of its writes and can be told to refuse them. */
export interface RecordingSecrets extends SecretStore {
  readonly writes: string[]
  refuse: boolean
}

export function recordingSecrets(initial: Readonly<Record<string, string>> = {}): RecordingSecrets {
  const values = new Map(Object.entries(initial))
  const store: RecordingSecrets = {
    description: { kind: 'memory', sentence: 'Secrets are kept in memory.' },
    writes: [],
    refuse: false,
    get: (name) => Promise.resolve(values.get(name)),
    set(name, value) {
      if (store.refuse) return Promise.reject(new Error('The keychain is locked.'))
      store.writes.push(name)
      values.set(name, value)
      return Promise.resolve()
    },
    delete(name) {
      values.delete(name)
      return Promise.resolve()
    },
    names: () => Promise.resolve([...values.keys()]),
    close: () => Promise.resolve(),
  }
  return store
}

/** An account that is ready, with a model list. */
export function storedAccount(id: string, fields: Partial<StoredAccount> = {}): StoredAccount {
  return {
    id,
    label: `Account ${id}`,
    type: 'kiro',
    authMethod: 'builder-id',
    enabled: true,
    status: 'ready',
    statusReason: null,
    restsUntil: null,
    statusSince: 0,
    consecutiveFailures: 0,
    clientId: 'client',
    clientSecretExpiresAt: null,
    ssoRegion: 'us-east-1',
    startUrl: null,
    apiRegion: 'us-east-1',
    profileArn: null,
    accessTokenExpiresAt: null,
    email: null,
    plan: null,
    quota: null,
    models: [{ id: 'claude-sonnet-4.5', name: 'Claude Sonnet 4.5' }],
    modelsFetchedAt: null,
    other: {},
    lastRefreshTime: null,
    lastRefreshStatus: null,
    lastUsedAt: null,
    errorCount: 0,
    successCount: 0,
    createdAt: 0,
    updatedAt: 0,
    ...fields,
  }
}

/** A clock that a test moves. */
export function testClock(start: number): { now: () => number; advance: (ms: number) => void } {
  let time = start
  return {
    now: () => time,
    advance(ms) {
      time += ms
    },
  }
}
