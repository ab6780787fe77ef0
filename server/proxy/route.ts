import { defaultAlias } from './default-aliases.ts'
import { type ClaudeName, familyFallback, normalizeModelName, parseClaudeName } from './model-name.ts'

/** The settings that decide which backend model answers for a name. */
export interface RouteSettings {
  readonly modelAliases: Readonly<Record<string, string>>
  readonly unknownModelPolicy: 'refuse' | 'default' | 'pass-through'
  readonly defaultModel: string
}

/** How a name was resolved, for the log and the screens. */
export interface ResolvedModel {
  readonly model: string
  readonly how: 'alias' | 'exact' | 'normalized' | 'family' | 'default-alias' | 'default' | 'pass-through'
}

/**
 * Finds the model of one account that answers for the name a client asked for, or `undefined` when it has none.
 * Tried in order: the person's aliases, the exact id, the id without dates and suffixes, the nearest version of the same
 * Claude family (then the next family), the default table for the names of OpenAI's clients, and at last the
 * unknown-model policy. An empty `offered` means that the account's list was never fetched: then the normalized name is
 * passed through.
 */
export function resolveModel(
  requested: string,
  offered: readonly string[],
  settings: RouteSettings,
): ResolvedModel | undefined {
  const alias = settings.modelAliases[requested]
  const wanted = alias ?? requested
  if (offered.length === 0) return unlisted(wanted)
  if (offered.includes(wanted)) return { model: wanted, how: alias === undefined ? 'exact' : 'alias' }
  const normalized = normalizeModelName(wanted)
  const exact = offered.find((id) => id.toLowerCase() === normalized || id.toLowerCase() === dotted(normalized))
  if (exact !== undefined) return { model: exact, how: alias === undefined ? 'normalized' : 'alias' }
  const claude = parseClaudeName(normalized)
  const near = claude && nearestOfFamily(claude, offered)
  if (near !== undefined) return { model: near, how: 'family' }
  const standIn = standInFor(wanted, offered)
  if (standIn !== undefined) return { model: standIn, how: 'default-alias' }
  return byPolicy(wanted, offered, settings)
}

/** Passed on as it is, but for names that no account of ours can have. */
function unlisted(wanted: string): ResolvedModel {
  const target = defaultAlias(normalizeModelName(wanted))
  if (target?.startsWith('claude-') === true) return { model: target, how: 'default-alias' }
  return { model: dotted(normalizeModelName(wanted)), how: 'pass-through' }
}

/** The offered model that stands for a name of OpenAI's by default. */
function standInFor(wanted: string, offered: readonly string[]): string | undefined {
  const target = defaultAlias(normalizeModelName(wanted))
  if (target === undefined || offered.includes(target)) return target
  const claude = parseClaudeName(normalizeModelName(target))
  return claude && nearestOfFamily(claude, offered)
}

function byPolicy(wanted: string, offered: readonly string[], settings: RouteSettings): ResolvedModel | undefined {
  switch (settings.unknownModelPolicy) {
    case 'pass-through':
      return { model: wanted, how: 'pass-through' }
    case 'default':
      return offered.includes(settings.defaultModel) ? { model: settings.defaultModel, how: 'default' } : undefined
    case 'refuse':
      return undefined
  }
}

/** `claude-sonnet-4-5` → `claude-sonnet-4.5`: the service writes dots where clients write dashes (amazon-q.md §2.9). */
function dotted(name: string): string {
  return name.replace(/-(\d{1,2})-(\d{1,2})$/u, '-$1.$2')
}

function nearestOfFamily(wanted: ClaudeName, offered: readonly string[]): string | undefined {
  for (const family of familyFallback[wanted.family]) {
    const members = offered
      .map((id) => ({ id, name: parseClaudeName(normalizeModelName(id)) }))
      .filter((entry) => entry.name?.family === family)
      .toSorted((left, right) => (right.name?.version ?? 0) - (left.name?.version ?? 0))
    const version = family === wanted.family ? wanted.version : undefined
    const atMost = version === undefined ? undefined : members.find((entry) => (entry.name?.version ?? 0) <= version)
    const chosen = atMost ?? (version === undefined ? members[0] : members.at(-1))
    if (chosen) return chosen.id
  }
  return undefined
}

/**
 * `resolveModel` with its answers remembered: per list of offered ids (by identity) and name, at most 500 names a list.
 * A new settings object forgets everything.
 */
export function createRouter(): (
  requested: string,
  offered: readonly string[],
  settings: RouteSettings,
) => ResolvedModel | undefined {
  let remembered = new WeakMap<readonly string[], Map<string, ResolvedModel | undefined>>()
  let lastSettings: RouteSettings | undefined
  return (requested, offered, settings) => {
    if (settings !== lastSettings) {
      remembered = new WeakMap()
      lastSettings = settings
    }
    let names = remembered.get(offered)
    if (!names || names.size > 500) remembered.set(offered, (names = new Map()))
    if (names.has(requested)) return names.get(requested)
    const resolved = resolveModel(requested, offered, settings)
    names.set(requested, resolved)
    return resolved
  }
}
