import { isMaskedProxy, maskProxy, revealProxy, sealProxy } from '../accounts/proxy-credentials.ts'
import { ProxyError } from '../canonical/error.ts'
import type { JsonValue } from '../canonical/json.ts'
import { defaultSettings, settingsSchema } from '../contract/settings.ts'
import type { Settings } from '../contract/settings.ts'
import { settingsChangeSchema } from '../contract/settings-change.ts'
import type { SettingsChange } from '../contract/settings-change.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { Store } from '../store/types.ts'

export interface SettingsServiceDependencies {
  readonly store: Store['settings']
  readonly secrets: SecretStore
  /** Settings that the environment or the command line sets, by name. They win and are never stored. */
  readonly overrides: Readonly<Record<string, JsonValue>>
  /** Where each override came from (`PORT`, `--port`), for sentences to a person. */
  readonly overrideSources: Readonly<Record<string, string>>
  /** Called at start for each stored entry that can't be used; its default holds instead. */
  readonly onUnusable: (name: string, reason: string) => void
}

const proxySecret = 'server/upstream-proxy'

export type SettingsListener = (settings: Settings, changed: readonly (keyof Settings)[]) => void

/** The settings in force: defaults < stored < environment. */
export interface SettingsService {
  /** The same object until a setting changes. Holds the upstream proxy with its password: never show it. */
  current(): Settings
  /** What may be shown: passwords masked. */
  view(): Settings
  /** Names of the settings that the environment sets. */
  readonly overridden: readonly (keyof Settings)[]
  /** By name, where an override came from (`PORT`, `--port`). */
  readonly overrideSources: Readonly<Record<string, string>>
  /**
   * Changes the named settings, durably when it resolves. Throws ProxyError `invalid-request` with the setting's name:
   * unknown, out of its limits, set by the environment, or unsafe together with the others.
   */
  put(change: SettingsChange): Promise<Settings>
  subscribe(listener: SettingsListener): () => void
}

/**
 * Loads the stored settings. Throws ProxyError `invalid-request` where an override can't be used: the program must not
 * start. Where the address is open to the network, keys are required whatever is stored.
 */
export async function createSettingsService(dependencies: SettingsServiceDependencies): Promise<SettingsService> {
  const { store, secrets, overrideSources } = dependencies
  const overrides = parseChange(dependencies.overrides)
  const overridden = namesOf(overrides)
  const stored = await readStored(dependencies)
  let settings: Settings = { ...defaultSettings, ...stored, ...overrides }
  if (isUnsafe(settings)) {
    settings = { ...settings, keysRequired: true }
    dependencies.onUnusable('keysRequired', unsafe)
  }
  const listeners = new Set<SettingsListener>()
  let queue: Promise<unknown> = Promise.resolve()

  async function apply(change: SettingsChange): Promise<Settings> {
    const parsed = parseChange(change)
    const wanted = { ...parsed, ...keptProxy(parsed, settings) }
    const next: Settings = { ...settings, ...wanted }
    const changed = namesOf(wanted).filter((name) => !sameJson(settings[name], next[name]))
    const fixed = changed.find((name) => overridden.includes(name))
    if (fixed !== undefined) throw isOverridden(fixed, overrideSources[fixed])
    if (changed.includes('upstreamProxy') && isMaskedProxy(next.upstreamProxy)) throw isHidden()
    if (isUnsafe(next)) throw new ProxyError('invalid-request', unsafe, { param: 'keysRequired' })
    if (changed.length === 0) return settings
    await store.set(await entriesToStore(next, changed, secrets))
    settings = next
    for (const listener of listeners) listener(settings, changed)
    return settings
  }

  return {
    overridden,
    overrideSources,
    current: () => settings,
    view: () => ({ ...settings, upstreamProxy: maskProxy(settings.upstreamProxy) }),
    put(change) {
      // One after the other: two changes at once must not undo each other.
      const result = queue.then(() => apply(change))
      queue = result.catch(() => undefined)
      return result
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

/** Entry by entry: one bad value (an older version's, or a hand's) must not cost the person all others. */
async function readStored(dependencies: SettingsServiceDependencies): Promise<Partial<Settings>> {
  const stored: Record<string, unknown> = {}
  for (const [name, value] of await dependencies.store.all()) {
    if (!(name in settingsSchema.shape)) continue
    const parsed = settingsChangeSchema.safeParse({ [name]: value })
    if (parsed.success) Object.assign(stored, parsed.data)
    else dependencies.onUnusable(name, parsed.error.issues[0]?.message ?? 'it is invalid')
  }
  const change = definedOnly(settingsChangeSchema.parse(stored))
  if (change.upstreamProxy === undefined) return change
  return { ...change, upstreamProxy: await revealProxy(change.upstreamProxy, proxySecret, dependencies.secrets) }
}

async function entriesToStore(
  settings: Settings,
  changed: readonly (keyof Settings)[],
  secrets: SecretStore,
): Promise<ReadonlyMap<string, JsonValue>> {
  const entries = new Map<string, JsonValue>(changed.map((name) => [name, settings[name]]))
  if (changed.includes('upstreamProxy')) {
    entries.set('upstreamProxy', await sealProxy(settings.upstreamProxy, proxySecret, secrets))
  }
  return entries
}

function parseChange(change: unknown): Partial<Settings> {
  const parsed = settingsChangeSchema.safeParse(change)
  if (parsed.success) return definedOnly(parsed.data)
  const issue = parsed.error.issues[0]
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : issue?.path.join('.')
  const reason = issue?.code === 'unrecognized_keys' ? 'there is no such setting' : issue?.message
  const message = `The setting "${name ?? ''}" can't be changed: ${reason ?? 'it is invalid'}.`
  throw new ProxyError('invalid-request', message, name === undefined ? {} : { param: name })
}

/** A screen that sends the masked proxy back means the one that is there. */
function keptProxy(change: Partial<Settings>, current: Settings): Partial<Settings> {
  const same = change.upstreamProxy !== undefined && change.upstreamProxy === maskProxy(current.upstreamProxy)
  return same ? { upstreamProxy: current.upstreamProxy } : {}
}

const unsafe =
  'Without a key Culvert answers this computer only: set keysRequired to true, or host back to 127.0.0.1. ' +
  'Otherwise anyone in the network could spend your accounts.'

function isUnsafe(settings: Settings): boolean {
  return !settings.keysRequired && !isLoopbackName(settings.host)
}

function isLoopbackName(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/iu.test(host)
}

function isHidden(): ProxyError {
  const message = 'The password of this proxy is hidden as ***. Give the whole address with the password.'
  return new ProxyError('invalid-request', message, { param: 'upstreamProxy' })
}

function isOverridden(name: string, source: string | undefined): ProxyError {
  const where = source === undefined ? 'the environment' : source
  const message = `The setting "${name}" is set by ${where}, which wins. Change it there and start Culvert again.`
  return new ProxyError('invalid-request', message, { param: name })
}

function namesOf(change: Partial<Settings>): readonly (keyof Settings)[] {
  const names = Object.keys(settingsSchema.shape) as (keyof Settings)[]
  return names.filter((name) => change[name] !== undefined)
}

function sameJson(left: JsonValue, right: JsonValue): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}

function definedOnly(change: SettingsChange): Partial<Settings> {
  return Object.fromEntries(Object.entries(change).filter((entry) => entry[1] !== undefined))
}
