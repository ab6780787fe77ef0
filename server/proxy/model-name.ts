/** A Claude model name taken apart: `claude-sonnet-4-5-20250929` → family `sonnet`, version 4.5. */
export interface ClaudeName {
  readonly family: ClaudeFamily
  /** `4.5` → 4.5; absent when the name has none (`sonnet`). */
  readonly version?: number
}

export type ClaudeFamily = 'fable' | 'opus' | 'sonnet' | 'haiku'

/** Where a request goes when an account's plan has no model of the family asked for, nearest first. */
export const familyFallback: Readonly<Record<ClaudeFamily, readonly ClaudeFamily[]>> = {
  fable: ['fable', 'opus', 'sonnet', 'haiku'],
  opus: ['opus', 'fable', 'sonnet', 'haiku'],
  sonnet: ['sonnet', 'opus', 'haiku', 'fable'],
  haiku: ['haiku', 'sonnet', 'opus', 'fable'],
}

const bareNames: Readonly<Record<string, ClaudeFamily>> = {
  opus: 'opus',
  opusplan: 'opus',
  best: 'opus',
  default: 'opus',
  sonnet: 'sonnet',
  haiku: 'haiku',
  fable: 'fable',
}

const vendorPrefix = /^(?:anthropic|openai|bedrock|vertex|us\.anthropic|global\.anthropic)[/.]/u
const suffixes = /(?:\[1m\]|-thinking|-latest|-v\d+(?::\d+)?|[-@]\d{8})$/u
const familyFirst = /^claude-(fable|opus|sonnet|haiku)(?:-(\d{1,2})(?:[-.](\d{1,2}))?)?$/u
const versionFirst = /^claude-(\d)(?:[-.](\d{1,2}))?-(opus|sonnet|haiku)$/u

/**
 * The name without vendor prefix, date and mode suffixes, in lower case: what clients add and backends don't know
 * (amazon-q.md §2.9, clients.md §1.3).
 */
export function normalizeModelName(name: string): string {
  let rest = name.trim().toLowerCase().replace(vendorPrefix, '')
  for (let before = ''; before !== rest;) {
    before = rest
    rest = rest.replace(suffixes, '')
  }
  return rest
}

/** Takes a normalized name apart, or `undefined` when it is not a Claude name. */
export function parseClaudeName(normalized: string): ClaudeName | undefined {
  const bare = bareNames[normalized]
  if (bare !== undefined) return { family: bare }
  const first = familyFirst.exec(normalized)
  if (first) return claudeName(first[1], first[2], first[3])
  const legacy = versionFirst.exec(normalized)
  return legacy ? claudeName(legacy[3], legacy[1], legacy[2]) : undefined
}

function claudeName(family: string | undefined, major: string | undefined, minor: string | undefined): ClaudeName {
  const name = { family: family as ClaudeFamily }
  return major === undefined ? name : { ...name, version: Number(`${major}.${minor ?? '0'}`) }
}
