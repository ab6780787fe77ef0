import { join } from 'node:path'
import { type Keychain, KeychainUnavailableError, openKeychain } from './keychain.ts'
import { createKeychainSecretStore, vaultKeyAccount } from './keychain-secret-store.ts'
import { moveUnderMasterKey } from './move-vault.ts'
import { SecretsUnreadableError, type SecretStore } from './secret-store.ts'
import { createKeyFile, formatKey, newKey, parseKey, parseMasterKey, readKeyFile } from './vault-key.ts'
import { readVaultFile, type VaultFile } from './vault-file.ts'
import { createVaultSecretStore, openVault } from './vault.ts'

export interface OpenSecretStoreOptions {
  /** Where `vault.json` and `vault.key` are. Must exist. */
  readonly dataDirectory: string
  /** The text of `MASTER_KEY`; when given, everything is sealed under it. */
  readonly masterKey?: string
  /** `off`: as if this machine had no keychain. Default `auto`. */
  readonly keychain?: 'auto' | 'off'
  /** The keychain's service name. Default `Culvert`. */
  readonly service?: string
  /** How long one call of the keychain may take, a person's typing included. Default 60,000 ms. */
  readonly keychainTimeoutMs?: number
}

/** What every way of opening needs. */
interface Place {
  readonly vaultPath: string
  readonly keyPath: string
  readonly openKeychain: () => Promise<Keychain>
}

/**
 * Opens the secrets: under `MASTER_KEY` if it is given, else the way the vault that is there was sealed, else (at the
 * first start) in the OS keychain where one can be used, else under a key file.
 *
 * @throws SecretsUnreadableError if there are secrets that can't be read, or `MASTER_KEY` is no key. Nothing is changed
 * then: the program must stop rather than start empty.
 */
export async function openSecretStore(options: OpenSecretStoreOptions): Promise<SecretStore> {
  const place: Place = {
    vaultPath: join(options.dataDirectory, 'vault.json'),
    keyPath: join(options.dataDirectory, 'vault.key'),
    openKeychain: () => openChosenKeychain(options),
  }
  const masterKey = options.masterKey === undefined ? undefined : parseMasterKey(options.masterKey)
  const file = await readVaultFile(place.vaultPath)
  if (masterKey !== undefined) return openUnderMasterKey(place, file, masterKey)
  if (file === undefined) return openFirst(place)
  if (file.keyKind === 'keychain') return openWithKeychain(place, file)
  if (file.keyKind === 'key-file') return openWithKeyFile(place, file)
  throw new SecretsUnreadableError(
    `The secrets in ${place.vaultPath} are sealed under MASTER_KEY, which is not set. Set it to the value it had before. ` +
      'Culvert has stopped and left the vault as it is.',
  )
}

async function openUnderMasterKey(place: Place, file: VaultFile | undefined, secret: Uint8Array): Promise<SecretStore> {
  const key = { kind: 'master-key', secret } as const
  const sentence = `All secrets, refresh tokens included, are in ${place.vaultPath}, encrypted under MASTER_KEY.`
  if (file === undefined || file.keyKind === 'master-key') {
    return createVaultSecretStore(openVault(place.vaultPath, file, key), sentence)
  }
  const keychain = file.keyKind === 'keychain' ? await keychainOf(place) : undefined
  const oldSecret = keychain === undefined ? await keyFromFile(place) : await keyFromKeychain(place, keychain)
  const old = openVault(place.vaultPath, file, { kind: file.keyKind, secret: oldSecret })
  const move = { old, key, keychain, vaultPath: place.vaultPath, keyPath: place.keyPath }
  const vault = await moveUnderMasterKey(move).catch((error: unknown) => {
    throw error instanceof KeychainUnavailableError ? lockedOut(place, error) : error
  })
  return createVaultSecretStore(vault, sentence)
}

async function openWithKeychain(place: Place, file: VaultFile): Promise<SecretStore> {
  const keychain = await keychainOf(place)
  return keychainStore(place, keychain, file, await keyFromKeychain(place, keychain))
}

async function openWithKeyFile(place: Place, file: VaultFile): Promise<SecretStore> {
  return keyFileStore(place, file, await keyFromFile(place))
}

async function openFirst(place: Place): Promise<SecretStore> {
  try {
    const keychain = await place.openKeychain()
    return keychainStore(place, keychain, undefined, await findOrMakeKey(keychain))
  } catch (error) {
    if (!(error instanceof KeychainUnavailableError)) throw error
    const secret = (await readKeyFile(place.keyPath)) ?? (await createKeyFile(place.keyPath))
    return keyFileStore(place, undefined, secret, ` (The keychain can't be used: ${error.message}.)`)
  }
}

/** Writing the key and reading it back is also the proof that the keychain keeps what it is given. */
async function findOrMakeKey(keychain: Keychain): Promise<Uint8Array> {
  const known = await keychain.get(vaultKeyAccount)
  if (known === undefined) await keychain.set(vaultKeyAccount, formatKey(newKey()))
  const text = known ?? (await keychain.get(vaultKeyAccount))
  if (text === undefined) throw new KeychainUnavailableError('it did not keep what it was given')
  return parseKey(text) ?? notAKey(keychain)
}

function keychainStore(place: Place, keychain: Keychain, file: VaultFile | undefined, secret: Uint8Array): SecretStore {
  const vault = openVault(place.vaultPath, file, { kind: 'keychain', secret })
  const sentence =
    `Refresh tokens are in ${keychain.displayName}; all other secrets are in ${place.vaultPath}, ` +
    'encrypted under a key that is kept there too.'
  return createKeychainSecretStore(keychain, vault, sentence)
}

function keyFileStore(place: Place, file: VaultFile | undefined, secret: Uint8Array, why = ''): SecretStore {
  const vault = openVault(place.vaultPath, file, { kind: 'key-file', secret })
  const sentence =
    `All secrets, refresh tokens included, are in ${place.vaultPath}, encrypted under the key in ${place.keyPath}. ` +
    `Whoever can read both files can read the secrets; only this user's account protects them.${why}`
  return createVaultSecretStore(vault, sentence)
}

async function openChosenKeychain(options: OpenSecretStoreOptions): Promise<Keychain> {
  if (options.keychain === 'off') throw new KeychainUnavailableError('its use is switched off')
  return openKeychain({ service: options.service ?? 'Culvert', timeoutMs: options.keychainTimeoutMs ?? 60_000 })
}

async function keychainOf(place: Place): Promise<Keychain> {
  try {
    return await place.openKeychain()
  } catch (error) {
    throw lockedOut(place, error)
  }
}

async function keyFromKeychain(place: Place, keychain: Keychain): Promise<Uint8Array> {
  const text = await keychain.get(vaultKeyAccount).catch((error: unknown) => {
    throw lockedOut(place, error)
  })
  if (text !== undefined) return parseKey(text) ?? notAKey(keychain)
  throw new SecretsUnreadableError(
    `The secrets in ${place.vaultPath} are sealed under a key in ${keychain.displayName}, and the key (service Culvert, ` +
      `account ${vaultKeyAccount}) is no longer there. Restore the keychain, or move the vault away and sign in to your ` +
      'accounts again. Culvert has stopped and left the vault as it is.',
  )
}

async function keyFromFile(place: Place): Promise<Uint8Array> {
  const secret = await readKeyFile(place.keyPath)
  if (secret !== undefined) return secret
  throw new SecretsUnreadableError(
    `The secrets in ${place.vaultPath} are sealed under the key in ${place.keyPath}, which is missing or damaged. ` +
      'Restore that file, or move the vault away and sign in to your accounts again. ' +
      'Culvert has stopped and left the vault as it is.',
  )
}

function lockedOut(place: Place, error: unknown): SecretsUnreadableError {
  const detail = error instanceof Error ? error.message : String(error)
  return new SecretsUnreadableError(
    `The secrets in ${place.vaultPath} are sealed under a key in the keychain, which can't be used now: ${detail}. ` +
      'Unlock the keychain and start Culvert in the same desktop session as before. To run it without a keychain from ' +
      'then on, start it there once with MASTER_KEY set. Culvert has stopped and left the vault as it is.',
    { cause: error },
  )
}

function notAKey(keychain: Keychain): never {
  throw new SecretsUnreadableError(
    `The item of ${keychain.displayName} that should hold Culvert's key (service Culvert, account ${vaultKeyAccount}) ` +
      'holds something else. Restore it, or remove it if Culvert was never used with this keychain.',
  )
}
