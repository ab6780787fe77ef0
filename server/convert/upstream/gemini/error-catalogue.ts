import type { ErrorKind } from '../../../canonical/error.ts'
import type { ErrorSigns } from './error-signs.ts'

/** One row of the catalogue: how to recognise an error and what it means for a person. */
interface CatalogueRow {
  readonly kind: ErrorKind
  readonly test: (signs: ErrorSigns) => boolean
  /** Whole sentences: what happened, whose fault it is, what to do. The service's own message is added to them. */
  readonly explanation: string
  /** Milliseconds to wait where the service says nothing better; `day`: until the daily allowances begin anew. */
  readonly wait?: number | 'day'
}

const TRY_LATER = 'Wait a moment and try again.'
/** A longer wait than this is no pause but an exhausted allowance, milliseconds (gemini.md §6). */
const LONGEST_PAUSE_MS = 300_000

const isDaily = (id: string) => /PerDay|Daily/u.test(id)
const isPerMinute = (id: string) => /PerMinute/u.test(id)

/** gemini.md §6 as rows, tried in order. The last one takes everything. */
export const catalogue: readonly CatalogueRow[] = [
  {
    kind: 'prompt-too-long',
    test: ({ status, text }) =>
      status === 413 || /token count.{0,80}exceeds|exceeds the maximum number of (?:input )?tokens/iu.test(text),
    explanation: 'The conversation is too long for the model. Shorten or compact it and try again.',
  },
  {
    kind: 'sign-in-needed',
    test: ({ status, reason, text }) =>
      KEY_REASONS.has(reason) ||
      (status >= 400 &&
        status < 404 &&
        /API key (?:not valid|not found|expired|was reported)|invalid API key/iu.test(text)),
    explanation:
      "Google does not accept this account's API key: it is wrong, expired or was withdrawn. Make a key at aistudio.google.com and put it into the account.",
  },
  {
    kind: 'sign-in-needed',
    test: ({ reason }) => reason === 'VALIDATION_REQUIRED',
    explanation: 'Google wants you to verify this account before it may be used. Follow its link, then try again.',
  },
  {
    kind: 'suspended',
    test: ({ text }) => /violation of (?:the )?terms of service/iu.test(text),
    explanation: 'Google has disabled this account. Culvert will not use it again; contact Google’s support.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ reason }) => reason === 'SUBSCRIPTION_REQUIRED',
    explanation: 'This account has no licence for the call. Add one at Google, or use another account.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ reason, text }) => reason === 'SERVICE_DISABLED' || /has not been used in project/iu.test(text),
    explanation:
      "The Gemini API is switched off in the Google Cloud project of this account's key. Switch it on there, then try again.",
  },
  {
    kind: 'signature-invalid',
    test: ({ status, text }) =>
      status === 400 && /thought.?signature|invalid `?signature|thinking\.signature/iu.test(text),
    explanation: 'Gemini refused reasoning from earlier in the conversation. It can be sent again without it.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ rpcStatus }) => rpcStatus === 'FAILED_PRECONDITION',
    explanation:
      'Google does not serve this account as it is set up, for example because of its location or its billing. Its own words say what is missing.',
  },
  {
    kind: 'sign-in-needed',
    test: ({ status }) => status === 401,
    explanation:
      "Google does not accept this account's credentials. Make a key at aistudio.google.com and put it into the account.",
  },
  {
    kind: 'feature-not-supported',
    test: ({ status }) => status === 403,
    explanation: 'Google does not allow this call for this account. Check the key’s restrictions and its project.',
  },
  {
    kind: 'model-not-found',
    test: ({ status }) => status === 404,
    explanation: 'This account does not offer the model. Choose one from the list of models.',
  },
  {
    kind: 'feature-not-supported',
    test: ({ status, text }) => status === 429 && /limit: 0\b/u.test(text),
    explanation: "The model is not part of this account's plan. Choose another model or another account.",
  },
  {
    kind: 'quota-exhausted',
    test: ({ status, reason, quotaIds }) =>
      status === 429 &&
      (reason === 'QUOTA_EXHAUSTED' || reason === 'INSUFFICIENT_G1_CREDITS_BALANCE' || quotaIds.some(isDaily)),
    explanation: 'The allowance of this account is used up until it resets. Use another account or wait for the reset.',
    wait: 'day',
  },
  {
    kind: 'overloaded',
    test: ({ status, reason, text }) =>
      CAPACITY_REASONS.has(reason) ||
      status === 503 ||
      (reason === '' && /exhausted your capacity|no capacity available|model is overloaded/iu.test(text)),
    explanation: `The model is busy for everyone; another account does not help. ${TRY_LATER}`,
  },
  {
    kind: 'quota-exhausted',
    test: ({ status, retryMs }) => status === 429 && (retryMs ?? 0) > LONGEST_PAUSE_MS,
    explanation: 'The allowance of this account is used up until it resets. Use another account or wait for the reset.',
  },
  {
    kind: 'rate-limited',
    test: ({ status, quotaIds }) => status === 429 && quotaIds.some(isPerMinute),
    explanation: `This account has reached its requests or tokens a minute. ${TRY_LATER}`,
    wait: 60_000,
  },
  {
    kind: 'rate-limited',
    test: ({ status }) => status === 429,
    explanation: `Gemini is throttling this account. ${TRY_LATER}`,
    wait: 30_000,
  },
  {
    kind: 'invalid-request',
    test: ({ status }) => status === 400 || status === 422,
    explanation:
      'Gemini refused the request as invalid. This is the fault of the client or of Culvert; its own words say what is wrong.',
  },
  {
    kind: 'upstream-error',
    test: () => true,
    explanation: `Gemini failed to answer. The fault is the service's. ${TRY_LATER}`,
  },
]

const KEY_REASONS: ReadonlySet<string> = new Set(['API_KEY_INVALID', 'API_KEY_EXPIRED', 'ACCESS_TOKEN_EXPIRED'])
const CAPACITY_REASONS: ReadonlySet<string> = new Set(['MODEL_CAPACITY_EXHAUSTED', 'MODEL_CAPACITY_EXCEEDED'])
