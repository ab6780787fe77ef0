import type { CompletionStream } from '../canonical/event.ts'
import type { JsonObject } from '../canonical/json.ts'
import type { ModelInfo, Profile, Quota } from '../canonical/offering.ts'
import type { Repair } from '../canonical/repair.ts'
import type { CompletionRequest, Upstream } from '../canonical/request.ts'

/** The kinds of account that a person can add (promises.md §2). */
export type AccountType = 'kiro' | 'amazonq' | 'gemini' | 'openai' | 'anthropic'

/** How an account signed in (amazon-q.md §1). `external-idp` is imported only. */
export type AuthMethod = 'builder-id' | 'idc' | 'social' | 'external-idp' | 'api-key'

/** What a backend may know of an account. No credential is in it; the access token comes with each call. */
export interface BackendAccount {
  readonly id: string
  readonly type: AccountType
  readonly authMethod: AuthMethod
  /** Region of the service's API host (not of the login), e.g. `us-east-1`. */
  readonly apiRegion: string
  readonly profileArn?: string
  /** The account's `other` object as the person set it (`api_endpoint`, `proxy`, …). `proxy` may hold a password. */
  readonly options: JsonObject
}

/** One completion call on one account. */
export interface BackendCall {
  readonly account: BackendAccount
  readonly accessToken: string
  /** `request.model` is already the upstream's own id. */
  readonly request: CompletionRequest
  /** What is known of the model; absent when the account's list was never fetched. */
  readonly modelInfo?: ModelInfo
  /** A UUID, the same for every turn of one conversation on every start of the program. */
  readonly conversationId: string
  /** Aborts the upstream call at once. */
  readonly signal: AbortSignal
  readonly timeouts: { readonly firstByteMs: number; readonly idleMs: number }
  /** Called once when the first byte of the upstream's answer (its headers) is there. */
  readonly onResponse?: () => void
  /** How to send: what the person set in the settings. */
  readonly options: BackendOptions
}

/** The settings that a backend obeys. */
export interface BackendOptions {
  /** Value of `User-Agent` and `x-amz-user-agent`: honest about being this program (field-notes.md fact 2). */
  readonly userAgent: string
  /** Ask the provider not to use content for service improvement. */
  readonly optOutOfTraining: boolean
  /** Mark cacheable prefixes where the upstream knows such a thing. */
  readonly cachePoints: boolean
}

export interface BackendStream {
  /** The first `next()` rejects when the upstream refused or said nothing: then another account may be tried. */
  readonly events: CompletionStream
  /** What the linter changed in the request. */
  readonly repairs: readonly Repair[]
  readonly upstreamRequestId?: string
}

/**
 * One upstream service. `stream` throws `ProxyError` only. A backend knows nothing of failover, cooldown or other
 * accounts. The optional members are capabilities: where one is absent, the screens show nothing for it. The fullest
 * implementation is `amazon-q/`.
 */
export interface Backend {
  readonly upstream: Upstream
  readonly accountTypes: readonly AccountType[]
  stream(call: BackendCall): Promise<BackendStream>
  /** Lists what the account really offers. */
  readonly models?: (call: ControlCall) => Promise<readonly ModelInfo[]>
  readonly quota?: (call: ControlCall) => Promise<Quota>
  /** All profiles of the login, over every region. An empty list: the login has none (Builder ID). */
  readonly profiles?: (call: ControlCall) => Promise<readonly Profile[]>
}

/** A call to the control plane (models, quota, profiles). */
export interface ControlCall {
  readonly account: BackendAccount
  readonly accessToken: string
  readonly signal: AbortSignal
  readonly options: BackendOptions
}
