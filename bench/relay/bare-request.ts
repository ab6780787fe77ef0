/** What the bare relay reads of a Messages request; it trusts its client. */
export interface BareRequest {
  readonly model: string
  readonly system?: readonly Block[]
  readonly messages: readonly { readonly role: 'user' | 'assistant'; readonly content: string | readonly Block[] }[]
  readonly tools?: readonly { readonly name: string; readonly description: string; readonly input_schema: unknown }[]
}

interface Block {
  readonly type: string
  readonly text?: string
  readonly id?: string
  readonly name?: string
  readonly input?: unknown
  readonly tool_use_id?: string
  readonly content?: readonly Block[]
}

/** The same conversation for Amazon Q, every text and tool of it, with nothing checked or repaired. */
export function encodeBareRequest({ model, system, messages, tools }: BareRequest): string {
  const turns = messages.map(({ role, content }) => {
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content
    return role === 'assistant' ? assistantTurn(blocks) : userTurn(blocks, model)
  })
  const current = turns.pop() as ReturnType<typeof userTurn>
  const context = {
    ...current.userInputMessage.userInputMessageContext,
    ...(tools === undefined ? {} : { tools: tools.map(toolSpecification) }),
  }
  const currentMessage = { userInputMessage: { ...current.userInputMessage, userInputMessageContext: context } }
  const instructions =
    system === undefined ? [] : [userTurn(system, model), assistantTurn([{ type: 'text', text: 'OK' }])]
  return JSON.stringify({
    conversationState: {
      conversationId: '00000000-0000-4000-8000-000000000000',
      chatTriggerType: 'MANUAL',
      history: [...instructions, ...turns],
      currentMessage,
    },
  })
}

function userTurn(blocks: readonly Block[], modelId: string) {
  const results = blocks.filter(({ type }) => type === 'tool_result')
  const toolResults = results.map(({ tool_use_id, content = [] }) => ({
    toolUseId: tool_use_id,
    status: 'success',
    content: content.map(({ text }) => ({ text })),
  }))
  const userInputMessageContext = results.length === 0 ? {} : { toolResults }
  return { userInputMessage: { content: textOf(blocks), modelId, origin: 'AI_EDITOR', userInputMessageContext } }
}

function assistantTurn(blocks: readonly Block[]) {
  const calls = blocks.filter(({ type }) => type === 'tool_use')
  const toolUses = calls.map(({ id, name, input }) => ({ toolUseId: id, name, input }))
  return { assistantResponseMessage: { content: textOf(blocks), ...(calls.length === 0 ? {} : { toolUses }) } }
}

function toolSpecification({ name, description, input_schema }: NonNullable<BareRequest['tools']>[number]) {
  return { toolSpecification: { name, description, inputSchema: { json: input_schema } } }
}

function textOf(blocks: readonly Block[]): string {
  return blocks.flatMap(({ text }) => text ?? []).join('\n')
}
