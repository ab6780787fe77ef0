/** What a person needs to try the demo. */
export interface DemoFacts {
  readonly url: string
  readonly simulatorUrl: string
  readonly apiKey: string
  readonly adminToken: string
  readonly scenarios: readonly string[]
  /** Where to approve the login; absent: it is approved. */
  readonly approveAt?: string
}

/** The lines printed when the demo is up. */
export function demoLines(facts: DemoFacts): string {
  return [
    '',
    `The demo is running: Culvert on ${facts.url}, simulated services on ${facts.simulatorUrl}.`,
    'No account, no internet and no model is involved; the answers are made up.',
    '',
    ...(facts.approveAt === undefined
      ? ['A demo account is signed in.']
      : ['Sign the demo account in by approving this page:', `  ${facts.approveAt}`]),
    '',
    'Claude Code, in another terminal:',
    `  export ANTHROPIC_BASE_URL=${facts.url}`,
    `  export ANTHROPIC_AUTH_TOKEN=${facts.apiKey}`,
    '  claude',
    '',
    'Or by hand:',
    `  curl -N ${facts.url}/v1/messages -H 'x-api-key: ${facts.apiKey}' -H 'content-type: application/json' \\`,
    `    -d '{"model":"claude-sonnet-4.5","max_tokens":500,"stream":true,"messages":[{"role":"user","content":"Hello"}]}'`,
    '',
    'A text that contains [[scenario:NAME]] chooses what the simulated service does:',
    ...wrapped(facts.scenarios, 100).map((line) => `  ${line}`),
    '',
    `Management API: ${facts.url}/docs, admin token ${facts.adminToken}`,
    'Ctrl-C ends the demo; its data is thrown away.',
    '',
  ].join('\n')
}

/** Words in lines of at most `width` characters. */
function wrapped(words: readonly string[], width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const word of words) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return line === '' ? lines : [...lines, line]
}
