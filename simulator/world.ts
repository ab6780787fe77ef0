import { configure, type Configuration } from './configuration.ts'
import { ModelCatalogue } from './models.ts'
import { Recordings } from './recordings.ts'
import { AccountBook, type Account } from './state/accounts.ts'
import { Director } from './state/director.ts'
import { createIdSource, type IdSource } from './state/ids.ts'
import { LoginBook } from './state/logins.ts'
import { ReceivedLog } from './state/received.ts'
import { Signatures } from './state/signatures.ts'
import { TokenBook, type TokenPair } from './state/tokens.ts'
import { TimerWheels } from './timer-wheel.ts'
import { AnthropicState } from './upstreams/anthropic/state.ts'
import { OpenAiState } from './upstreams/openai/state.ts'
import type { AccountOptions, Simulator, SimulatorOptions } from './types.ts'

/** Everything that the simulated services remember. */
export interface World {
  /** `http://HOST:PORT`; empty until the server listens. */
  url: string
  configuration: Configuration
  readonly ids: IdSource
  readonly accounts: AccountBook
  readonly tokens: TokenBook
  readonly logins: LoginBook
  readonly models: ModelCatalogue
  readonly director: Director
  readonly log: ReceivedLog
  readonly signatures: Signatures
  readonly anthropic: AnthropicState
  readonly openAi: OpenAiState
  /** Generate answers that are being streamed. */
  readonly streams: { now: number; most: number }
  readonly recordings: Recordings
  readonly wheels: TimerWheels
  /** The interface to all this, for the pages and commands that need it. */
  simulator: Simulator | undefined
}

export function createWorld(options: SimulatorOptions): World {
  const ids = createIdSource(options.seed)
  return {
    url: '',
    configuration: configure({ pace: options.pace, behaviour: options.behaviour }),
    ids,
    accounts: new AccountBook(ids),
    tokens: new TokenBook(ids),
    logins: new LoginBook(ids),
    models: new ModelCatalogue(),
    director: new Director(),
    log: new ReceivedLog(),
    signatures: new Signatures(ids),
    anthropic: new AnthropicState(ids),
    openAi: new OpenAiState(ids),
    streams: { now: 0, most: 0 },
    recordings: new Recordings(),
    wheels: new TimerWheels(),
    simulator: undefined,
  }
}

/** Forgets everything that happened and goes back to the options of the start. */
export function resetWorld(world: World, options: SimulatorOptions): void {
  world.configuration = configure({ pace: options.pace, behaviour: options.behaviour })
  for (const part of [world.accounts, world.tokens, world.logins, world.models, world.director, world.log]) part.clear()
  world.anthropic.clear()
  world.openAi.clear()
  world.streams.most = world.streams.now
}

/** The account that a person signs in as: an existing one by id, or a new one. */
export function accountFor(world: World, as: string | AccountOptions): Account {
  return typeof as === 'string' ? world.accounts.get(as) : world.accounts.create(as)
}

/** Milliseconds that an access token of the account lives. */
export function accessTokenLifetimeMs(world: World, account: Account): number {
  return account.accessTokenLifetimeMs ?? world.configuration.pace.accessTokenLifetimeMs
}

export function issueTokens(world: World, account: Account, clientId: string | undefined): TokenPair {
  return world.tokens.issue(account.id, clientId, accessTokenLifetimeMs(world, account))
}
