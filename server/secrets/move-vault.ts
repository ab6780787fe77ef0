import { rm } from 'node:fs/promises'
import type { Keychain } from './keychain.ts'
import { deleteKeychainItem, readKeychainItem } from './keychain-item.ts'
import { itemName } from './keychain-secret-store.ts'
import { openVault, type Vault, type VaultKey } from './vault.ts'

export interface VaultMove {
  /** The vault as it is, opened with its own key. */
  readonly old: Vault
  /** The key it moves under. */
  readonly key: VaultKey
  /** Where its refresh tokens are, if they are in a keychain. */
  readonly keychain: Keychain | undefined
  readonly vaultPath: string
  readonly keyPath: string
}

/**
 * Seals the vault anew under `MASTER_KEY`, taking the refresh tokens out of the keychain. The file is replaced in one
 * step when everything is in the new one; only then are the keychain's items and the key file removed. The keychain's
 * `vault-key` stays: another data directory may use it.
 */
export async function moveUnderMasterKey(move: VaultMove): Promise<Vault> {
  const { old, keychain } = move
  const secrets = new Map(old.content.secrets)
  const moved = keychain === undefined ? [] : [...old.content.keychainItems]
  for (const account of moved) {
    const value = keychain === undefined ? undefined : await readKeychainItem(keychain, account)
    if (value !== undefined) secrets.set(itemName(account), value)
  }
  const vault = openVault(move.vaultPath, undefined, move.key)
  await vault.change((draft) => {
    for (const [name, value] of secrets) draft.secrets.set(name, value)
  })
  // Left-overs do no harm, so what can't be removed must not keep the program from starting.
  if (keychain === undefined) await rm(move.keyPath, { force: true }).catch(() => {})
  else for (const account of moved) await deleteKeychainItem(keychain, account).catch(() => {})
  return vault
}
