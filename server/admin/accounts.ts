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
  const { accounts, tokens, testAccount, now } = dependencies
  const procedures = os.accounts

  function existing(id: string): StoredAccount {
    const account = accounts.get(id)
    if (account === undefined) throw notFound('account')
    return account
  }

  const view = (account: StoredAccount) => viewAccount(account, now())

  return {
    list: procedures.list.handler(({ input }) => {
      const list = sorted(accounts.list(), input.sort_by ?? 'created_at', input.sort_order ?? 'desc')
      const wanted =
        input.enabled === undefined ? list : list.filter((each) => each.enabled === (input.enabled === 'true'))
      return { accounts: wanted.map(view), count: wanted.length }
    }),
    create: procedures.create.handler(async ({ input }) => view(await accounts.add(newAccount(input)))),
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
    get: procedures.get.handler(({ input }) => view(existing(input.id))),
    update: procedures.update.handler(async ({ input }) => {
      const { id, ...fields } = input
      const current = existing(id)
      return view(await accounts.update(id, accountChange(fields, current)))
    }),
    delete: procedures.delete.handler(async ({ input }) => {
      existing(input.id)
      await accounts.remove(input.id)
      return { deleted: input.id }
    }),
    refresh: procedures.refresh.handler(async ({ input }) => {
      existing(input.id)
      await tokens.renewByHand(input.id)
      const { account } = await accounts.refreshDetails(input.id)
      return view(account ?? existing(input.id))
    }),
    test: procedures.test.handler(async ({ input, signal }) => {
      existing(input.id)
      const { ok, latencyMs, model = null, text = null, error = null } = await testAccount(input.id, signal)
      return { ok, latencyMs, model, text, error }
    }),
  }
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
