/** What Anthropic's models of different ages take. For other names (compatible services): the oldest form of everything. */
export interface ModelTraits {
  /** `budget`: `enabled` with a budget only. `either`. `adaptive`: a budget is refused. */
  readonly thinking: 'budget' | 'either' | 'adaptive'
  readonly takesEffort: boolean
  /** Whether the conversation may end with a begun answer. */
  readonly takesPrefill: boolean
  readonly sampling: 'all' | 'one-of-temperature-and-top-p' | 'none'
}

const OTHER: ModelTraits = { thinking: 'budget', takesEffort: false, takesPrefill: true, sampling: 'all' }

/** The traits of a model by its name: `claude-opus-4-6`, `claude-sonnet-4-5-20250929`, `claude-3-5-haiku-latest`. */
export function modelTraits(model: string): ModelTraits {
  const name = /^claude-(?<family>[a-z]+)-(?<major>\d{1,2})(?:[-.](?<minor>\d{1,2}))?(?:$|[-@[])/u.exec(model)?.groups
  if (name === undefined) return OTHER
  const version = Number(name['major']) * 100 + Number(name['minor'] ?? 0)
  if (version < 401) return OTHER
  const takesEffort = version >= 406 || (version >= 405 && name['family'] === 'opus')
  if (version < 406) {
    return { thinking: 'budget', takesEffort, takesPrefill: true, sampling: 'one-of-temperature-and-top-p' }
  }
  if (version < 407) {
    return { thinking: 'either', takesEffort, takesPrefill: false, sampling: 'one-of-temperature-and-top-p' }
  }
  return { thinking: 'adaptive', takesEffort, takesPrefill: false, sampling: 'none' }
}

/**
 * The id as the service writes it. A name that no list was there to check has dots where Kiro writes them
 * (`claude-sonnet-4.5`); Anthropic's own names have dashes.
 */
export function anthropicModelId(model: string, isListed: boolean): string {
  return !isListed && model.startsWith('claude-') ? model.replaceAll(/(?<=\d)\.(?=\d)/gu, '-') : model
}
