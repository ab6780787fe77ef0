import type { Keychain } from './keychain.ts'
import { deleteKeychainItem, readKeychainItem, writeKeychainItem } from './keychain-item.ts'
import { SecretsNotSavedError, SecretsUnreadableError, type SecretStore } from './secret-store.ts'
import type { Vault } from './vault.ts'

/** The keychain item that holds the key of the vault. */
export const vaultKeyAccount = 'vault-key'

/**
 * The store that keeps every refresh token as a keychain item of its own, under its account's id, and everything else
 * in a vault whose key is a keychain item too. A token is read when first asked for and from memory after that.
 *
 * The vault lists which tokens are in the keychain. It learns of a token before the keychain gets it and forgets it
 * after the keychain did, so a kill in between never leaves a token that nothing knows of.
 */
export function createKeychainSecretStore(keychain: Keychain, vault: Vault, sentence: string): SecretStore {
  const values = new Map<string, Promise<string | undefined>>()

  const read = (name: string, account: string): Promise<string | undefined> => {
    const known = values.get(name)
    if (known !== undefined) return known
    const value = readKeychainItem(keychain, account).catch((error: unknown) => {
      if (values.get(name) === value) values.delete(name)
      throw error instanceof SecretsUnreadableError ? error : unreadable(keychain, error)
    })
    values.set(name, value)
    return value
  }

  return {
    description: { kind: 'keychain', sentence },

    get(name) {
      const account = itemAccount(name)
      return account === undefined ? Promise.resolve(vault.content.secrets.get(name)) : read(name, account)
    },

    async set(name, value) {
      const account = itemAccount(name)
      if (account === undefined) return vault.change(({ secrets }) => void secrets.set(name, value))
      if (!vault.content.keychainItems.has(account)) {
        await vault.change(({ keychainItems }) => void keychainItems.add(account))
      }
      await writeKeychainItem(keychain, account, value).catch((error: unknown) => {
        values.delete(name)
        throw notSaved(keychain, error)
      })
      values.set(name, Promise.resolve(value))
    },

    async delete(name) {
      const account = itemAccount(name)
      if (account === undefined) return vault.change(({ secrets }) => void secrets.delete(name))
      await deleteKeychainItem(keychain, account).catch((error: unknown) => {
        throw notSaved(keychain, error)
      })
      values.set(name, Promise.resolve(undefined))
      await vault.change(({ keychainItems }) => void keychainItems.delete(account))
      values.delete(name)
    },

    names: () => Promise.resolve([...vault.content.secrets.keys(), ...[...vault.content.keychainItems].map(itemName)]),

    close: () => vault.close(),
  }
}

/** The keychain item that a secret has to itself, if it has one. */
export function itemAccount(name: string): string | undefined {
  const account = /^account\/([\w.-]{1,100})\/refresh-token$/u.exec(name)?.[1]
  return account === vaultKeyAccount ? undefined : account
}

/** The secret that a keychain item holds. */
export function itemName(account: string): string {
  return `account/${account}/refresh-token`
}

function unreadable(keychain: Keychain, error: unknown): SecretsUnreadableError {
  return new SecretsUnreadableError(
    `A refresh token could not be read from ${keychain.displayName}: ${detailOf(error)}. ` +
      'Unlock the keychain or allow Culvert to use it, then try again.',
    { cause: error },
  )
}

function notSaved(keychain: Keychain, error: unknown): SecretsNotSavedError {
  return new SecretsNotSavedError(
    `A refresh token could not be saved to ${keychain.displayName}: ${detailOf(error)}. ` +
      'Unlock the keychain or allow Culvert to use it; Culvert needs it to keep this account signed in.',
    { cause: error },
  )
}

function detailOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
