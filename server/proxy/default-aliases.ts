/**
 * What answers for the names that OpenAI's clients ask for without having been told to, when no account has a model of
 * that name: the first pattern that fits (`*`: any characters, `?`: a digit). The person's own aliases and the models
 * that an account really has come before it. A target that an account lacks is replaced by its nearest relative, like
 * any Claude name; a bare family means its best model.
 */
export const defaultAliases: readonly (readonly [pattern: string, model: string])[] = [
  // What clients use for titles, summaries and the like: quick and cheap.
  ['gpt-3.5*', 'claude-haiku-4.5'],
  ['gpt-*-nano*', 'claude-haiku-4.5'],
  ['gpt-*-mini*', 'claude-haiku-4.5'],
  ['o?-mini*', 'claude-haiku-4.5'],
  ['codex-mini*', 'claude-haiku-4.5'],
  // Names that stand in older configurations.
  ['gpt-4o*', 'claude-sonnet-4.5'],
  ['chatgpt-*', 'claude-sonnet-4.5'],
  ['gpt-4.*', 'claude-sonnet-4.5'],
  ['gpt-4*', 'claude-sonnet-4'],
  // What people choose for hard work.
  ['o?', 'opus'],
  ['o?-*', 'opus'],
  ['gpt-5*', 'opus'],
  ['gpt-6*', 'opus'],
]

/** The model that stands for a normalized name by default, or `undefined`. */
export function defaultAlias(name: string): string | undefined {
  const plain = name
    .trim()
    .toLowerCase()
    .replace(/^openai\//u, '')
  return defaultAliases.find(([pattern]) => fits(pattern, plain))?.[1]
}

function fits(pattern: string, name: string): boolean {
  const source = pattern
    .replaceAll('.', String.raw`\.`)
    .replaceAll('?', String.raw`\d`)
    .replaceAll('*', '.*')
  return new RegExp(`^${source}$`, 'u').test(name)
}
