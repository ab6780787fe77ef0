import { ORPCError, ValidationError } from '@orpc/server'
import { ProxyError } from '../canonical/error.ts'
import { managementErrors } from '../contract/errors.ts'
import type { ManagementErrorCode } from '../contract/errors.ts'
import type { SecretsNotSavedError } from '../secrets/secret-store.ts'
import { StoreError } from '../store/types.ts'
import { codeForKind } from './error-code.ts'

export interface ManagementErrorDetails {
  readonly path?: string
  readonly retryAfterMs?: number
}

/** An error as every carrier of the contract understands it. */
export function managementError(
  code: ManagementErrorCode,
  message: string,
  details: ManagementErrorDetails = {},
): ORPCError<ManagementErrorCode, ManagementErrorDetails> {
  return new ORPCError(code, { status: managementErrors[code].status, message, data: details })
}

/** There is no such thing (any more). */
export function notFound(what: string): ORPCError<ManagementErrorCode, ManagementErrorDetails> {
  return managementError('not-found', `There is no ${what} with this id. It may have been deleted meanwhile.`)
}

/** Any thrown value as a management error. What nobody foresaw goes to `onError` and becomes `internal`, without its text. */
export function toManagementError(error: unknown, onError: (error: unknown) => void): ORPCError<string, unknown> {
  if (error instanceof ORPCError) return fromORPC(error, onError)
  if (error instanceof ProxyError) return fromProxyError(error)
  if (error instanceof StoreError || isNotSaved(error)) return managementError('unavailable', error.message)
  onError(error)
  return internal()
}

/** Its message is written for a person too: it says why the keychain or the vault took nothing, and what to do. */
function isNotSaved(error: unknown): error is SecretsNotSavedError {
  const name: SecretsNotSavedError['name'] = 'SecretsNotSavedError'
  return error instanceof Error && error.name === name
}

function fromORPC(error: ORPCError<string, unknown>, onError: (error: unknown) => void): ORPCError<string, unknown> {
  if (error.code in managementErrors) return error
  if (error.code === 'BAD_REQUEST' && error.cause instanceof ValidationError) return fromIssues(error.cause.issues)
  if (error.status < 500) return managementError('invalid-request', unreadable)
  onError(error)
  return internal()
}

const unreadable = 'The request can not be read. Send JSON with the header content-type: application/json.'

function internal(): ORPCError<ManagementErrorCode, ManagementErrorDetails> {
  return managementError('internal', 'Culvert hit an error of its own. The log has the details; please report it.')
}

/** An issue of a schema, with the parts that zod adds. */
interface Issue {
  readonly message: string
  readonly path?: readonly unknown[] | undefined
  readonly keys?: readonly string[]
  readonly code?: string
  readonly errors?: readonly (readonly Issue[])[]
}

function fromIssues(issues: readonly Issue[]): ORPCError<ManagementErrorCode, ManagementErrorDetails> {
  const { path, message } = describeIssues(issues)
  return managementError('invalid-request', message, path === '' ? {} : { path })
}

/** What a schema found wrong, as a sentence that names the first place and never a value. */
export function describeIssues(issues: readonly Issue[]): { readonly path: string; readonly message: string } {
  const first = issues[0]
  if (first === undefined) return { path: '', message: unreadable }
  const { path, reason } = describeIssue(first)
  const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
  const subject = path === '' ? 'The request' : `The field "${path}"`
  return { path, message: `${subject} is not right: ${reason}${more}.` }
}

/** The deepest place that a schema complained about: in a union, the alternative that went furthest. */
function describeIssue(
  issue: Issue,
  base: readonly unknown[] = [],
): { readonly path: string; readonly reason: string } {
  const path = [...base, ...(issue.path ?? []).map(segment)]
  const furthest = (issue.errors ?? []).flat().toSorted((a, b) => depth(b) - depth(a))[0]
  if (furthest !== undefined && depth(furthest) > 0) return describeIssue(furthest, path)
  const unknownKey = issue.code === 'unrecognized_keys' ? issue.keys?.[0] : undefined
  if (unknownKey !== undefined) return { path: [...path, unknownKey].join('.'), reason: 'there is no such field' }
  const text = issue.message.replace(/^Invalid input: /u, '').replace(/\.$/u, '')
  const reason = text.endsWith('received undefined')
    ? `it is missing (${text.replace(/, received undefined$/u, '')})`
    : text
  return { path: path.join('.'), reason: reason.charAt(0).toLowerCase() + reason.slice(1) }
}

function depth(issue: Issue): number {
  return (issue.path?.length ?? 0) + (issue.code === 'unrecognized_keys' ? 1 : 0)
}

function segment(part: unknown): unknown {
  return typeof part === 'object' && part !== null && 'key' in part ? part.key : part
}

function fromProxyError(error: ProxyError): ORPCError<ManagementErrorCode, ManagementErrorDetails> {
  return managementError(codeForKind(error.kind), error.message, {
    ...(error.param === undefined ? {} : { path: error.param }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  })
}
