import { readAccessToken } from '../accounts/account-secrets.ts'
import { ProxyError } from '../canonical/error.ts'
import { accountInputSchema } from '../contract/account.ts'
import type { AccountInput } from '../contract/account.ts'
import type { BatchResult, ImportInput, LineResult } from '../contract/account-transfer.ts'
import { newAccount } from './account-input.ts'
import type { AdminDependencies } from './dependencies.ts'
import { describeIssues, managementError } from './errors.ts'
import { normaliseLine } from './import-line.ts'
import { hashKey } from './key-material.ts'
import { openText } from './sealed-envelope.ts'

type ImportDependencies = Pick<AdminDependencies, 'accounts' | 'secrets' | 'onError'>

/** Imports any of the accepted forms, line by line. */
export async function importAccounts(dependencies: ImportDependencies, input: ImportInput): Promise<BatchResult> {
  if (Array.isArray(input)) return addLines(dependencies, input, false)
  if ('accounts' in input) return addLines(dependencies, input.accounts, input.preview ?? false)
  const lines = linesOf(await openText(input.sealed, input.passphrase))
  return addLines(dependencies, lines, input.preview ?? false)
}

/**
 * Adds accounts one after the other; a broken line or one that is here already does not stop the others. An account
 * counts as the same when its refresh token (or access token, or API key) is.
 */
export async function addLines(
  dependencies: ImportDependencies,
  lines: readonly unknown[],
  preview: boolean,
): Promise<BatchResult> {
  const known = await knownSecrets(dependencies)
  const results: LineResult[] = []
  for (const [index, line] of lines.entries()) {
    results.push({ index, ...(await addLine(dependencies, line, known, preview)) })
  }
  return summary(results, preview)
}

async function addLine(
  dependencies: ImportDependencies,
  line: unknown,
  known: Set<string>,
  preview: boolean,
): Promise<Omit<LineResult, 'index'>> {
  const parsed = accountInputSchema.safeParse(normaliseLine(line))
  if (!parsed.success) return result('broken', null, null, describeIssues(parsed.error.issues).message)
  const account = parsed.data
  const label = account.label ?? null
  const identity = identityOf(account)
  if (known.has(identity)) return result('duplicate', null, label, 'This account is here already.')
  known.add(identity)
  if (preview) return result('new', null, label, null)
  try {
    const added = await dependencies.accounts.add(newAccount(account))
    return result('added', added.id, added.label, null)
  } catch (error) {
    known.delete(identity)
    if (error instanceof ProxyError) return result('broken', null, label, error.message)
    dependencies.onError(error)
    return result('broken', null, label, 'Culvert could not keep this account. The log has the details.')
  }
}

function result(
  status: LineResult['status'],
  id: string | null,
  label: string | null,
  message: string | null,
): Omit<LineResult, 'index'> {
  return { status, id, label, message }
}

/** Hashes, so that no list of tokens is held. */
async function knownSecrets({ accounts, secrets }: ImportDependencies): Promise<Set<string>> {
  const known = new Set<string>()
  for (const account of accounts.list()) {
    const refreshToken = await secrets.get(`account/${account.id}/refresh-token`)
    const apiKey = await secrets.get(`account/${account.id}/api-key`)
    const accessToken = (await readAccessToken(secrets, account.id))?.token
    for (const secret of [refreshToken, apiKey, accessToken]) if (secret !== undefined) known.add(hashKey(secret))
  }
  return known
}

function identityOf(account: AccountInput): string {
  return hashKey(account.refreshToken ?? account.other?.apiKey ?? account.accessToken ?? '')
}

function linesOf(text: string): readonly unknown[] {
  const value: unknown = JSON.parse(text)
  const accounts = typeof value === 'object' && value !== null && 'accounts' in value ? value.accounts : undefined
  if (Array.isArray(accounts)) return accounts
  throw managementError('invalid-request', 'The sealed export holds no list of accounts.', { path: 'sealed' })
}

function summary(results: LineResult[], preview: boolean): BatchResult {
  const count = (status: LineResult['status']): number => results.filter((line) => line.status === status).length
  const done = preview ? `${count('new')} would be added` : `${count('added')} added`
  return {
    status: count('broken') === 0 ? 'completed' : 'partial',
    message: `${results.length} accounts read: ${done}, ${count('duplicate')} already here, ${count('broken')} broken.`,
    account_ids: results.flatMap((line) => (line.id === null ? [] : [line.id])),
    results,
  }
}
