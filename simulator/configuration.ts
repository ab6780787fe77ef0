/** Waiting times, all in milliseconds. */
export interface Pace {
  /** How often a device login may be polled; faster answers `slow_down`. */
  readonly deviceIntervalMs: number
  readonly deviceLifetimeMs: number
  readonly accessTokenLifetimeMs: number
  /** Pause before a token answer is made. A client that is gone by then leaves the old refresh token valid. */
  readonly delayTokenMs: number
  /** Pause before the headers of a generate answer. */
  readonly firstByteMs: number
  /** Pause before every frame of a generate answer. */
  readonly frameDelayMs: number
  readonly clientSecretLifetimeMs: number
}

/** Where sources disagree or services differ, which way the simulator behaves. */
export interface Behaviour {
  /** Whether a refresh gives a new refresh token and kills the old one (amazon-q.md §1.1). */
  readonly rotateRefreshTokens: boolean
  /** Whether `metadataEvent` carries `tokenUsage`; the real service mostly sends only a stop reason. */
  readonly tokenUsage: boolean
  /** Who needs `profileArn` on the q host: `idc` accounts, everybody with the rest protocol, or nobody. */
  readonly profileArnOnQ: 'idc' | 'rest' | 'nobody'
  /** What an expired access token is answered with. */
  readonly expiredToken: 'invalid-403' | 'expired-403' | 'unauthorized-401'
  /** Whether the Kiro host refuses `agentMode`, `agentContinuationId` and `agentTaskType` (amazon-q.md §2.1). */
  readonly agentMembersOnKiroHost: 'accepted' | 'refused'
  /** Whether a `cachePoint` entry inside `tools` is refused (amazon-q.md §2.5). */
  readonly cachePointInTools: 'accepted' | 'refused'
  /** Whether a reasoning signature is only good for the model that made it. */
  readonly signaturesBoundToModel: boolean
  /** Whether a person without credits left is refused. */
  readonly enforceCredits: boolean
  /** Bytes; a larger body is answered as `bodyTooLarge` says. */
  readonly bodyLimitBytes: number
  readonly bodyTooLarge: 'improperly-formed' | 'too-large' | 'buffer-limit'
  /** Characters of one user text. */
  readonly userTextLimit: number
  /** Characters of one tool result. */
  readonly toolResultLimit: number
  /** Models of one page of the list, whatever the client asks for. */
  readonly modelPageSize: number
}

export type PaceChanges = Partial<Pace>
export type BehaviourChanges = Partial<Behaviour>

export interface Configuration {
  readonly pace: Pace
  readonly behaviour: Behaviour
}

const day = 86_400_000

export const defaultPace: Pace = {
  deviceIntervalMs: 1_000,
  deviceLifetimeMs: 600_000,
  accessTokenLifetimeMs: 3_600_000,
  delayTokenMs: 0,
  firstByteMs: 0,
  frameDelayMs: 0,
  clientSecretLifetimeMs: 90 * day,
}

/** The limits on texts are what the sources' comments say the service accepts (amazon-q.md §2.5). */
export const defaultBehaviour: Behaviour = {
  rotateRefreshTokens: true,
  tokenUsage: false,
  profileArnOnQ: 'idc',
  expiredToken: 'invalid-403',
  agentMembersOnKiroHost: 'accepted',
  cachePointInTools: 'refused',
  signaturesBoundToModel: false,
  enforceCredits: true,
  bodyLimitBytes: 10_000_000,
  bodyTooLarge: 'improperly-formed',
  userTextLimit: 600_000,
  toolResultLimit: 800_000,
  modelPageSize: 50,
}

/** The defaults with the changes on top. */
export function configure(
  changes: { readonly pace?: PaceChanges | undefined; readonly behaviour?: BehaviourChanges | undefined },
  base: Configuration = { pace: defaultPace, behaviour: defaultBehaviour },
): Configuration {
  return { pace: { ...base.pace, ...changes.pace }, behaviour: { ...base.behaviour, ...changes.behaviour } }
}
