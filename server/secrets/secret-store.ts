/**
 * Where secrets live: the OS keychain, an encrypted file, or memory in tests. A secret's name is
 * `<owner>/<what>`: `account/<id>/refresh-token`, `account/<id>/client-secret`, `account/<id>/access-token`,
 * `account/<id>/api-key`, `account/<id>/proxy`, `server/admin-token`, `server/api-key`.
 *
 * Reads are answered from memory after the first; writes are durable when the promise resolves.
 */
export interface SecretStore {
  /** How this store keeps secrets, for the start line and the screens. */
  readonly description: SecretStoreDescription
  get(name: string): Promise<string | undefined>
  set(name: string, value: string): Promise<void>
  delete(name: string): Promise<void>
  /** Names of all secrets kept, never values. */
  names(): Promise<readonly string[]>
  close(): Promise<void>
}

export interface SecretStoreDescription {
  readonly kind: 'keychain' | 'vault' | 'memory'
  /** A whole sentence for a person, e.g. where refresh tokens are and what protects them. */
  readonly sentence: string
}

/**
 * The secrets exist but can't be read (wrong MASTER_KEY, keychain locked or its key gone, damaged file). The program
 * must stop and offer a restore rather than start empty.
 */
export class SecretsUnreadableError extends Error {
  override readonly name = 'SecretsUnreadableError'
}

/**
 * A secret could not be saved or removed; reads go on answering what was there before. The message says why and what
 * to do, and never holds the secret.
 */
export class SecretsNotSavedError extends Error {
  override readonly name = 'SecretsNotSavedError'
}
