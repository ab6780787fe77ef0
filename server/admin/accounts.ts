import type { StoredAccount } from '../store/types.ts'
import { exportAccounts } from './account-export.ts'
import { addLines, importAccounts } from './account-import.ts'
import { accountChange, newAccount } from './account-input.ts'
import { viewAccount } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import { notFound } from './errors.ts'
import type { Implementer } from './implementer.ts'

/** Accounts: `Contract['accounts']`. */
export function implementAccounts(os: Implementer, dependencies: AdminDependencies) {
  const { accounts, testAccount } = dependencies
  const procedures = os.accounts

  function existing(id: string): StoredAccount {
    const account = accounts.get(id)
    if (account === undefined) throw notFound('account')
    return account
  }

  return {
    list: procedures.list.handler(({ input }) => {
      const list = sorted(accounts.list(), input.sort_by ?? 'created_at', input.sort_order ?? 'desc')
      const wanted =
        input.enabled === undefined ? list : list.filter((each) => each.enabled === (input.enabled === 'true'))
      return { accounts: wanted.map(viewAccount), count: wanted.length }
    }),
    create: procedures.create.handler(async ({ input }) => viewAccount(await accounts.add(newAccount(input)))),
    batch: procedures.batch.handler(({ input }) => addLines(dependencies, input.accounts, false)),
    feed: procedures.feed.handler(({ input }) => addLines(dependencies, input.accounts, false)),
    import: procedures.import.handler(({ input }) => importAccounts(dependencies, input)),
    export: procedures.export.handler(({ input }) => exportAccounts(dependencies, input)),
    exportByGet: procedures.exportByGet.handler(({ input }) =>
      exportAccounts(dependencies, {
        passphrase: input.headers['x-export-passphrase'],
        plain: input.query?.format === 'plain',
      }),
    ),
    get: procedures.get.handler(({ input }) => viewAccount(existing(input.id))),
    update: procedures.update.handler(async ({ input }) => {
      const { id, ...fields } = input
      const current = existing(id)
      return viewAccount(await accounts.update(id, accountChange(fields, current)))
    }),
    delete: procedures.delete.handler(async ({ input }) => {
      existing(input.id)
      await accounts.remove(input.id)
      return { deleted: input.id }
    }),
    refresh: procedures.refresh.handler(async ({ input }) => {
      existing(input.id)
      await renewToken(dependencies, input.id)
      const { account } = await accounts.refreshDetails(input.id)
      return viewAccount(account ?? existing(input.id))
    }),
    test: procedures.test.handler(async ({ input, signal }) => {
      existing(input.id)
      const { ok, latencyMs, model = null, text = null, error = null } = await testAccount(input.id, signal)
      return { ok, latencyMs, model, text, error }
    }),
  }
}

/** A new access token, even while the old one lives. */
async function renewToken({ accounts, tokens }: AdminDependencies, id: string): Promise<void> {
  const before = accounts.get(id)?.lastRefreshTime
  const token = await tokens.fresh(id)
  if (accounts.get(id)?.lastRefreshTime === before) await tokens.renew(id, token)
}

function sorted(
  accounts: readonly StoredAccount[],
  by: 'created_at' | 'success_count',
  order: 'asc' | 'desc',
): readonly StoredAccount[] {
  const value = (account: StoredAccount): number => (by === 'created_at' ? account.createdAt : account.successCount)
  const direction = order === 'asc' ? 1 : -1
  return accounts.toSorted((left, right) => direction * (value(left) - value(right)))
}
