/**
 * The import rules of docs/architecture.md as data. Paths are relative to the project's root, with `/`.
 */

/** What one folder may import of the app, besides itself. */
export interface FolderRule {
  /** The folder or file that the rule is for; the longest matching `of` wins. */
  readonly of: string
  /** Folders or files that it may import. */
  readonly may: readonly string[]
  /** Folders or files of which it may import types only. */
  readonly mayTypes: readonly string[]
  /** Whether Node's own modules may be used. */
  readonly node: boolean
}

/** Where one package (or one scope, ending in `/`) may be imported, types included. */
export interface PackageRule {
  readonly name: string
  readonly in: readonly string[]
}

/** Files longer than this are split by concern; tests may be longer. */
export const maxSourceLines = 280

/** The product: nothing in it may import what only develops or checks it. */
export const productFolders = ['server', 'main', 'preload', 'renderer'] as const

/** Not part of the product; these may import anything. */
export const freeFolders = ['simulator', 'bench', 'tests', 'scripts'] as const

/** Where no rule names a file, it may import anything. */
export const folderRules: readonly FolderRule[] = [
  pure('server/canonical', []),
  { ...pure('server/codec', []), node: true },
  pure('server/wire', []),
  pure('server/contract', []),
  { ...pure('server/convert', ['server/canonical', 'server/codec', 'server/wire']), node: true },
  { of: 'server/tokens', may: ['server/canonical'], mayTypes: [], node: true },
  { of: 'server/store', may: ['server/canonical/json.ts'], mayTypes: ['server/contract'], node: true },
  { of: 'server/secrets', may: [], mayTypes: [], node: true },
  {
    of: 'server/backends',
    may: ['server/canonical', 'server/codec', 'server/wire', 'server/convert/upstream', 'server/convert/history.ts'],
    mayTypes: [],
    node: true,
  },
  {
    of: 'server/accounts',
    may: ['server/store', 'server/secrets', 'server/backends', 'server/canonical/error.ts', 'server/canonical/json.ts'],
    mayTypes: ['server/contract', 'server/canonical'],
    node: true,
  },
  {
    of: 'server/proxy',
    may: ['server/canonical', 'server/convert', 'server/backends', 'server/accounts', 'server/tokens'],
    mayTypes: ['server/store', 'server/contract'],
    node: true,
  },
  {
    of: 'server/admin',
    may: ['server/contract', 'server/accounts', 'server/store', 'server/backends', 'server/canonical/error.ts'],
    mayTypes: ['server/proxy', 'server/secrets', 'server/canonical'],
    node: true,
  },
  {
    of: 'server/http',
    may: ['server/contract', 'server/proxy', 'server/admin', 'server/convert/client', 'server/canonical'],
    mayTypes: [],
    node: true,
  },
  { of: 'server', may: ['server'], mayTypes: [], node: true },
  {
    of: 'main',
    may: ['server/create-server.ts', 'server/secrets', 'server/contract'],
    mayTypes: [],
    node: true,
  },
  { of: 'preload', may: [], mayTypes: ['server/contract'], node: false },
  { of: 'renderer', may: ['server/contract'], mayTypes: [], node: false },
]

/** Every package that the product may import. One that is not listed may not be imported at all. */
export const packageRules: readonly PackageRule[] = [
  { name: 'zod', in: ['server/wire', 'server/contract', 'server/config.ts'] },
  { name: '@orpc/contract', in: ['server/contract', 'server/admin'] },
  { name: '@orpc/', in: ['server/admin', 'server/http', 'renderer/api'] },
  { name: 'express', in: ['server/http'] },
  { name: 'prom-client', in: ['server/http'] },
  { name: 'rate-limiter-flexible', in: ['server/http'] },
  { name: 'kysely', in: ['server/store'] },
  { name: 'better-sqlite3', in: ['server/store'] },
  { name: 'keytar', in: ['server/secrets/keychain.ts'] },
  { name: 'undici', in: ['server/backends'] },
  { name: 'fetch-socks', in: ['server/backends'] },
  { name: 'eventsource-parser', in: ['server/codec'] },
  { name: '@aws-sdk/', in: ['server/accounts/logins'] },
  { name: 'google-auth-library', in: ['server/accounts/logins'] },
  { name: 'ai-tokenizer', in: ['server/tokens'] },
  { name: 'pino', in: ['server/create-server.ts', 'server/foundation.ts', 'server/log.ts'] },
  { name: 'electron', in: ['main', 'preload'] },
  { name: 'electron-updater', in: ['main'] },
]

function pure(of: string, may: readonly string[]): FolderRule {
  return { of, may, mayTypes: [], node: false }
}
