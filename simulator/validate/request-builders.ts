/** Any JSON object. */
export type Json = Record<string, unknown>

/** A good tool declaration, with changes to its specification. */
export const tool = (changes: Json = {}): Json => ({
  toolSpecification: {
    name: 'list_dir',
    description: 'Lists a directory.',
    inputSchema: { json: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] } },
    ...changes,
  },
})

/** The same with another input schema. */
export const withSchema = (json: unknown): Json => tool({ inputSchema: { json } })

/** A whole conversation with a tool call, as the protocol document's example has it. */
export function conversation(parts: {
  readonly history?: readonly unknown[]
  readonly current?: Json
  readonly context?: Json
  readonly tools?: readonly unknown[]
  readonly results?: readonly unknown[]
  readonly root?: Json
  readonly state?: Json
}): Json {
  return {
    conversationState: {
      conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
      agentTaskType: 'vibe',
      chatTriggerType: 'MANUAL',
      history: parts.history ?? [user('List the files here.'), assistant('I will look.', [use('tooluse_a1')])],
      currentMessage: {
        userInputMessage: {
          content: '',
          modelId: 'claude-sonnet-4.5',
          origin: 'AI_EDITOR',
          userInputMessageContext: {
            toolResults: parts.results ?? [result('tooluse_a1')],
            tools: parts.tools ?? [tool()],
            ...parts.context,
          },
          ...parts.current,
        },
      },
      ...parts.state,
    },
    ...parts.root,
  }
}

/** A user message of the history. */
export function user(content: string, results?: readonly unknown[]): Json {
  const context = results === undefined ? {} : { userInputMessageContext: { toolResults: results } }
  return { userInputMessage: { content, modelId: 'claude-sonnet-4.5', origin: 'AI_EDITOR', ...context } }
}

/** An assistant message of the history. */
export function assistant(content: string, toolUses?: readonly unknown[], more: Json = {}): Json {
  return { assistantResponseMessage: { content, ...(toolUses === undefined ? {} : { toolUses }), ...more } }
}

/** One tool use of an assistant message. */
export const use = (toolUseId: string, name = 'list_dir', input: unknown = { path: '.' }): Json => ({
  toolUseId,
  name,
  input,
})

/** One tool result. */
export const result = (toolUseId: string, changes: Json = {}): Json => ({
  toolUseId,
  status: 'success',
  content: [{ text: 'README.md' }],
  ...changes,
})

/** A tiny image. */
export const image = (changes: Json = {}): Json => ({ format: 'png', source: { bytes: 'aGVsbG8=' }, ...changes })
