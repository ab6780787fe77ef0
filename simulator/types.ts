import type { BehaviourChanges, PaceChanges } from './configuration.ts'
import type { Fault, FaultName } from './faults.ts'
import type { Counts, ReceivedRequest } from './state/received.ts'
import type { ScriptedFrame } from './frames.ts'
import type { AnthropicControl } from './upstreams/anthropic/state.ts'
import type { OpenAiControl } from './upstreams/openai/state.ts'

/** How a simulated person signed in (amazon-q.md §1). */
export type AccountKind = 'builder-id' | 'idc' | 'social'

/** The plans of amazon-q.md §2.10, cheapest first. The cheaper ones offer fewer models. */
export type Plan = 'free' | 'pro' | 'pro-plus' | 'power'

export interface AccountOptions {
  /** Default `builder-id`. */
  readonly kind?: AccountKind
  /** Default `pro`. */
  readonly plan?: Plan
  /** The base allowance, in credits. Default: nothing used of the plan's own limit. */
  readonly credits?: { readonly used: number; readonly limit: number }
  /** An active free trial on top, in credits. */
  readonly trial?: { readonly used: number; readonly limit: number; readonly expired?: boolean }
  /** Bonuses on top, in credits. */
  readonly bonuses?: readonly { readonly name: string; readonly used: number; readonly limit: number }[]
  /** Whether the person switched paid overage on. Default false. */
  readonly overage?: boolean
  /** Answer usage as older Q accounts do: only `limits[]`, no breakdown (amazon-q.md §2.10). Default false. */
  readonly legacyLimits?: boolean
  /** Model ids that the account may use. Default: what its plan offers. */
  readonly models?: readonly string[]
  /** Whether it has a profile. Default: `idc` and `social` have one, `builder-id` has none. */
  readonly profile?: boolean
  /** Further profiles, one per region named, for accounts that must choose. */
  readonly moreProfileRegions?: readonly string[]
  /** Region of the API host, named in the profile ARN. Default `us-east-1`. */
  readonly apiRegion?: string
  /** Region of the login service. Default `us-east-1`. */
  readonly region?: string
  /** The organisation's start URL. Default depends on the kind. */
  readonly startUrl?: string
  readonly email?: string
  /** Milliseconds. Default: the simulator's own (one hour). */
  readonly accessTokenLifetimeMs?: number
}

/** A signed-in identity with everything that a client would hold of it. */
export interface IssuedAccount {
  readonly id: string
  readonly kind: AccountKind
  /** Empty for `social`, which has no client registration. */
  readonly clientId: string
  /** Empty for `social`. */
  readonly clientSecret: string
  readonly refreshToken: string
  readonly accessToken: string
  /** Seconds, as on the wire. */
  readonly expiresIn: number
  readonly profileArn?: string
  readonly email: string
  /** Absent for `social`. */
  readonly startUrl?: string
  /** Region of the login service. */
  readonly region: string
}

/** Values of a scenario's parameters; from a marker they are all strings or `true`. */
export type Parameters = Readonly<Record<string, string | number | boolean>>

/**
 * The next answer. A string is a scenario's name. A step with both a scenario and a fault plays the scenario under that
 * fault (a slow drip of a long text). `frames` plays exactly those frames, with no tail but what they hold.
 */
export type ScriptStep =
  | string
  | { readonly scenario: string; readonly parameters?: Parameters; readonly fault?: Fault | FaultName }
  | { readonly fault: Fault | FaultName }
  | { readonly frames: readonly ScriptedFrame[]; readonly fault?: Fault | FaultName }

/** Whom a script, a fault or a change is for. Absent: everybody. */
export interface Scope {
  readonly accountId?: string
}

/** The environment that points Culvert at the simulator. */
export interface SimulatorEnvironment {
  readonly AMAZONQ_API_ENDPOINT: string
  readonly AMAZONQ_TOKEN_ENDPOINT: string
  readonly KIRO_AUTH_ENDPOINT: string
  readonly KIRO_RUNTIME_ENDPOINT: string
  readonly GEMINI_API_ENDPOINT: string
}

export interface SimulatorOptions {
  /** Default 0: a free one. */
  readonly port?: number
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Makes every id, code and token the same on every run. Absent: they are random. */
  readonly seed?: number
  readonly pace?: PaceChanges
  readonly behaviour?: BehaviourChanges
}

/** Which login a person grants, and as whom. */
export type PortalChoice = 'google' | 'github' | 'builderid' | 'awsidc' | 'deny'

export interface Simulator {
  /** `http://127.0.0.1:PORT`, no slash at the end. */
  readonly url: string
  readonly environment: SimulatorEnvironment
  /** The service that speaks Anthropic's dialect. */
  readonly anthropic: AnthropicControl
  /** The service that speaks OpenAI's Chat Completions. */
  readonly openAi: OpenAiControl

  /** Makes a signed-in identity without the browser dance. */
  issueAccount(options?: AccountOptions): IssuedAccount
  /** A signed-in person grants a device login. `as`: an existing account's id, or what account to make. */
  approve(userCode: string, as?: string | AccountOptions): void
  deny(userCode: string): void
  /**
   * What the browser would do on the Kiro sign-in page (`/signin` or `/login` URL) once the person has chosen: the URL
   * that it is redirected to.
   */
  choose(signInUrl: string, choice: PortalChoice, as?: string | AccountOptions): string

  /** Adds to the queue of next answers of the generate call; when it is empty the default answers. */
  script(steps: readonly ScriptStep[] | ScriptStep, scope?: Scope): void
  /** A fault for every call of its operation (default: the generate call) until cleared; undefined clears the scope's. */
  setFault(fault: Fault | FaultName | undefined, scope?: Scope): void
  /** Changes waiting times and behaviour from now on. */
  configure(changes: { readonly pace?: PaceChanges; readonly behaviour?: BehaviourChanges }): void
  /** Tokens. Requests estimated above it are refused as too long. */
  setContextWindow(modelId: string, tokens: number): void
  /** Odd denominators of `contextUsagePercentage` (field-notes.md): 1.47 means a window 1.47 times the nominal one. */
  setContextDenominator(modelId: string, factor: number): void

  /** The access tokens issued so far stop working, as if their time were over. */
  expireAccessTokens(accountId?: string): void
  /** The account's refresh tokens stop working: it must sign in again. */
  revokeRefreshToken(accountId: string): void
  /** The account is locked for good. */
  suspend(accountId: string, message?: string): void
  /** Credits used of the base allowance so far, metering included. */
  creditsUsed(accountId: string): number

  /** The last requests (at most 1,000, their bodies within 64 MB), newest last. */
  readonly received: readonly ReceivedRequest[]
  readonly counts: Counts
  /** How often a refresh token that had already been rotated out was presented. */
  readonly refreshTokenReuse: number
  /** How often a client closed its connection while an answer was streaming. */
  readonly clientAborts: number
  /** Streams open right now, and the most that ever were at once. */
  readonly openStreams: { readonly now: number; readonly most: number }
  /**
   * Waits for a request (past or coming) that matches. It is asked again when a request begins, answers and ends.
   * Rejects after `timeoutMs` (default 10,000).
   */
  when(matches: (request: ReceivedRequest) => boolean, timeoutMs?: number): Promise<ReceivedRequest>

  /** Forgets accounts, tokens, logins, scripts, faults and the log, and goes back to the options of the start. */
  reset(): void
  /** Cuts all connections and stops listening. */
  close(): Promise<void>
}
