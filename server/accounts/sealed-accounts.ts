import type { JsonObject } from '../canonical/json.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store } from '../store/types.ts'
import { optionOf } from './account-input.ts'
import { accountSecret } from './account-secrets.ts'
import { revealProxy, sealProxy } from './proxy-credentials.ts'

/**
 * The accounts' table as the account book uses it: `other.proxy` goes into the database without its password, which is
 * sealed in the secret store, and comes out whole. Rejects with `StoreError` or the secret store's errors.
 */
export function createSealedAccounts(
  accounts: Store['accounts'],
  secrets: Pick<SecretStore, 'get' | 'set' | 'delete'>,
): Store['accounts'] {
  async function convert(
    id: string,
    other: JsonObject,
    change: (proxy: string, name: string) => Promise<string>,
  ): Promise<JsonObject> {
    const proxy = optionOf(other, 'proxy')
    return proxy === undefined ? other : { ...other, proxy: await change(proxy, accountSecret(id, 'proxy')) }
  }

  const reveal = (id: string, other: JsonObject): Promise<JsonObject> =>
    convert(id, other, (proxy, name) => revealProxy(proxy, name, secrets))
  const seal = (id: string, other: JsonObject): Promise<JsonObject> =>
    convert(id, other, (proxy, name) => sealProxy(proxy, name, secrets))

  async function forget(id: string): Promise<void> {
    const name = accountSecret(id, 'proxy')
    if ((await secrets.get(name)) !== undefined) await secrets.delete(name)
  }

  return {
    async list() {
      const rows = await accounts.list()
      return await Promise.all(rows.map(async (row) => ({ ...row, other: await reveal(row.id, row.other) })))
    },
    async insert(account) {
      await accounts.insert({ ...account, other: await seal(account.id, account.other) })
    },
    async update(id, change) {
      const { other } = change
      // Counters are written often and have nothing to seal.
      if (other === undefined) return await accounts.update(id, change)
      await accounts.update(id, { ...change, other: await seal(id, other) })
      if (optionOf(other, 'proxy') === undefined) await forget(id)
    },
    async delete(id) {
      await accounts.delete(id)
      await forget(id)
    },
  }
}
