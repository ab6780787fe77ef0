/** What a person needs to know when the program has started without a window. */
export interface StartFacts {
  readonly url: string
  /** Absent: no key is asked for, or it is one that the person keeps. */
  readonly apiKey: string | undefined
  /** Absent: the person set it and knows it. */
  readonly adminToken: string | undefined
  /** Where secrets are kept. */
  readonly secrets: string
}

/** The lines printed at start: the address, the keys and how to set up clients. */
export function startLines(facts: StartFacts): string {
  const key = facts.apiKey ?? 'YOUR_CULVERT_KEY'
  return [
    `Culvert is running on ${facts.url}`,
    facts.secrets,
    '',
    `Management API   ${facts.url}/docs`,
    ...(facts.adminToken === undefined ? [] : [`Admin token      ${facts.adminToken}`]),
    '',
    'Claude Code, in another terminal:',
    `  export ANTHROPIC_BASE_URL=${facts.url}`,
    `  export ANTHROPIC_AUTH_TOKEN=${key}`,
    '  claude',
    '',
    'OpenAI clients:',
    `  export OPENAI_BASE_URL=${facts.url}/v1`,
    `  export OPENAI_API_KEY=${key}`,
    '',
  ].join('\n')
}
