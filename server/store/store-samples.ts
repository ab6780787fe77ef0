import { randomUUID } from 'node:crypto'
import type { RequestRecord, StoredAccount, StoredApiKey, StoredLogin } from './types.ts'

/** Records for tests, complete and plausible, with what a test cares about put in place. */
export function sampleAccount(change: Partial<StoredAccount> = {}): StoredAccount {
  return {
    id: randomUUID(),
    label: 'Work',
    type: 'kiro',
    authMethod: 'builder-id',
    enabled: true,
    status: 'ready',
    statusReason: null,
    restsUntil: null,
    statusSince: 1_700_000_000_000,
    consecutiveFailures: 0,
    clientId: 'client-1',
    clientSecretExpiresAt: 1_710_000_000_000,
    ssoRegion: 'us-east-1',
    startUrl: null,
    apiRegion: 'us-east-1',
    profileArn: null,
    accessTokenExpiresAt: null,
    email: 'someone@example.com',
    plan: null,
    quota: { used: 12.5, limit: 50 },
    models: ['claude-sonnet-4.5'],
    modelsFetchedAt: null,
    other: { priority: 2 },
    lastRefreshTime: null,
    lastRefreshStatus: null,
    lastUsedAt: null,
    errorCount: 0,
    successCount: 0,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...change,
  }
}

export function sampleLogin(change: Partial<StoredLogin> = {}): StoredLogin {
  return {
    id: randomUUID(),
    kind: 'idc',
    accountType: 'amazonq',
    label: 'Company',
    status: 'waiting',
    statusReason: null,
    clientId: 'client-2',
    clientSecretExpiresAt: null,
    ssoRegion: 'eu-central-1',
    startUrl: 'https://example.awsapps.com/start',
    userCode: 'ABCD-EFGH',
    verificationUri: 'https://example.awsapps.com/start/#/device',
    verificationUriComplete: null,
    intervalMs: 5000,
    expiresAt: 1_700_000_600_000,
    accountId: null,
    targetAccountId: null,
    createdAt: 1_700_000_000_000,
    ...change,
  }
}

export function sampleKey(change: Partial<StoredApiKey> = {}): StoredApiKey {
  return {
    id: randomUUID(),
    name: 'Laptop',
    prefix: 'ck-abcd',
    hash: randomUUID().replaceAll('-', '').repeat(2),
    enabled: true,
    expiresAt: null,
    lastUsedAt: null,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    ...change,
  }
}

export function sampleRequest(change: Partial<RequestRecord> = {}): RequestRecord {
  const time = change.time ?? 1_700_000_000_000
  return {
    id: timeOrderedId(time),
    time,
    dialect: 'anthropic',
    path: '/v1/messages',
    client: 'claude-cli',
    keyId: 'key-1',
    stream: true,
    conversationId: 'conversation-1',
    requestedModel: 'claude-sonnet-4-5-20250929',
    servedModel: 'claude-sonnet-4.5',
    upstream: 'kiro',
    accountId: 'account-1',
    status: 200,
    errorKind: null,
    errorMessage: null,
    finishReason: 'end-turn',
    attempts: [{ accountId: 'account-1', startedMs: 1.25, durationMs: 2000.5 }],
    repairs: [{ rule: 'merge-turns', where: 'messages.3' }],
    upstreamRequestId: null,
    firstEventMs: 812.25,
    totalMs: 2913.5,
    upstreamFirstByteMs: 811.125,
    inputTokens: 1200,
    outputTokens: 300,
    cacheReadTokens: 40,
    cacheWriteTokens: 4,
    inputSource: 'estimated',
    outputSource: 'estimated',
    credits: 0.25,
    ...change,
  }
}

/** A UUID of version 7: it begins with the time. */
export function timeOrderedId(time: number): string {
  const hex = time.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`
}
