import type { ErrorKind } from '../canonical/error.ts'
import type { ManagementErrorCode } from '../contract/errors.ts'

/** The management code for a failure of the request path's kind. */
export function codeForKind(kind: ErrorKind): ManagementErrorCode {
  switch (kind) {
    case 'invalid-request':
    case 'prompt-too-long':
      return 'invalid-request'
    case 'request-too-large':
      return 'request-too-large'
    case 'unauthenticated':
      return 'unauthenticated'
    case 'forbidden':
      return 'forbidden'
    case 'not-found':
    case 'model-not-found':
      return 'not-found'
    case 'client-rate-limited':
      return 'rate-limited'
    case 'token-invalid':
    case 'sign-in-needed':
    case 'rate-limited':
    case 'quota-exhausted':
    case 'suspicious-activity':
    case 'suspended':
    case 'feature-not-supported':
    case 'signature-invalid':
      return 'conflict'
    case 'overloaded':
    case 'upstream-error':
    case 'upstream-invalid':
    case 'empty-response':
    case 'timeout':
    case 'network':
      return 'upstream'
    case 'cancelled':
    case 'no-account':
    case 'shutting-down':
      return 'unavailable'
    case 'internal':
      return 'internal'
  }
}
