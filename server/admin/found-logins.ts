import type { FoundLogin } from '../accounts/logins/import-found.ts'
import type { FoundLoginView } from '../contract/found-login.ts'
import type { StoredAccount } from '../store/types.ts'
import { viewAccount } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import { managementError } from './errors.ts'
import type { Implementer } from './implementer.ts'

/** Sign-ins of other programs on this computer: `found` and `importFound` of `Contract['auth']`. */
export function implementFoundLogins(os: Implementer, { accounts, foundLogins, now }: AdminDependencies) {
  const importedFrom = (id: string): StoredAccount | undefined =>
    accounts.list().find((account) => account.other['source'] === id)

  function view(login: FoundLogin): FoundLoginView {
    const account = importedFrom(login.id)
    return {
      id: login.id,
      program: login.program,
      source: login.source,
      path: login.path,
      method: login.authMethod,
      startUrl: login.startUrl ?? null,
      imported: account !== undefined,
      accountId: account?.id ?? null,
      warning: login.warning,
    }
  }

  return {
    found: os.auth.found.handler(async () => ({ logins: (await (await foundLogins()).list()).map(view) })),
    importFound: os.auth.importFound.handler(async ({ input }) => {
      const known = importedFrom(input.id)
      if (known !== undefined) {
        const message = `This sign-in is here already, as the account “${known.label}”. Remove that account first to import it anew.`
        throw managementError('conflict', message)
      }
      return viewAccount(await (await foundLogins()).import(input.id), now())
    }),
  }
}
