/** An error as the service sends it (gemini.md §6, §9). */
export interface GeminiFault {
  readonly status: number
  readonly body: unknown
}

const domain = 'generativelanguage.googleapis.com'

/** The faults that a key or a directive can ask for, by name. */
export const geminiFaults: Readonly<Record<string, GeminiFault>> = {
  'key-invalid': fault(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
    info('API_KEY_INVALID', { service: domain }),
  ]),
  'key-expired': fault(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.', [
    info('API_KEY_INVALID'),
  ]),
  'key-leaked': fault(403, 'PERMISSION_DENIED', 'Your API key was reported as leaked. Please use another API key.'),
  location: fault(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
  'too-long': fault(
    400,
    'INVALID_ARGUMENT',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  ),
  'service-disabled': fault(
    403,
    'PERMISSION_DENIED',
    'Generative Language API has not been used in project 123 before or it is disabled.',
    [info('SERVICE_DISABLED')],
  ),
  terms: fault(
    403,
    'PERMISSION_DENIED',
    'This service has been disabled in this account for violation of Terms of Service.',
  ),
  'rate-limited': fault(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded. Please retry in 7.2s.', [
    quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'),
    retry('7.2s'),
  ]),
  'rate-limited-bare': fault(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
  'daily-limit': fault(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota. Please retry in 44.09s.', [
    quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier'),
    retry('44.09s'),
  ]),
  'not-in-plan': fault(
    429,
    'RESOURCE_EXHAUSTED',
    'Quota exceeded for metric: requests, limit: 0, model: gemini-2.5-pro',
  ),
  capacity: fault(429, 'RESOURCE_EXHAUSTED', 'No capacity available.', [info('MODEL_CAPACITY_EXHAUSTED')]),
  overloaded: fault(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
  internal: fault(500, 'INTERNAL', 'An internal error has occurred.'),
  'signature-refused': fault(400, 'INVALID_ARGUMENT', 'Corrupted thought signature.'),
}

export function fault(
  status: number,
  rpcStatus: string,
  message: string,
  details: readonly object[] = [],
): GeminiFault {
  return {
    status,
    body: { error: { code: status, message, status: rpcStatus, ...(details.length > 0 ? { details } : {}) } },
  }
}

function info(reason: string, metadata: object = {}): object {
  return { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, domain: 'googleapis.com', metadata }
}

function quota(quotaId: string): object {
  return { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations: [{ quotaMetric: 'requests', quotaId }] }
}

function retry(retryDelay: string): object {
  return { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay }
}
