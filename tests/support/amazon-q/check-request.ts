import { checkSchema } from './check-schema.ts'

type Json = string | number | boolean | null | Json[] | { [key: string]: Json }
type Fields = { [key: string]: Json }

/**
 * Checks a body for GenerateAssistantResponse against the rules of amazon-q.md §2.4 and §2.5, written from that document
 * alone and sharing no code with the encoder. Returns every broken rule with its place; empty means acceptable.
 */
export function checkAmazonQBody(body: unknown): string[] {
  const faults: string[] = []
  const root = body as Fields
  const allowed = new Set(['conversationState', 'profileArn', 'additionalModelRequestFields'])
  for (const key of Object.keys(root)) if (!allowed.has(key)) faults.push(`unknown top-level member ${key}`)
  const state = root['conversationState'] as Fields
  const id = state['conversationId']
  if (typeof id !== 'string' || id.length < 1 || id.length > 128) faults.push('conversationId')
  if (state['chatTriggerType'] !== 'MANUAL') faults.push('chatTriggerType')
  if ('history' in state && (!Array.isArray(state['history']) || state['history'].length === 0)) {
    faults.push('history is there but empty')
  }
  const history = (state['history'] ?? []) as Fields[]
  const current = state['currentMessage'] as Fields
  const entries = [...history, current]
  findNulls(withoutDocuments(root), '', faults)
  checkAlternation(entries, faults)
  checkTools(current, history, faults)
  checkPairs(entries, faults)
  for (const [index, entry] of entries.entries()) checkContent(entry, `entry ${index}`, faults)
  let images = 0
  for (const entry of entries) images += ((userOf(entry)?.['images'] ?? []) as Json[]).length
  if (images > 10) faults.push(`${images} images`)
  return faults
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : `(no text: ${JSON.stringify(value)})`
}

function userOf(entry: Fields | undefined): Fields | undefined {
  return entry?.['userInputMessage'] as Fields | undefined
}

function assistantOf(entry: Fields | undefined): Fields | undefined {
  return entry?.['assistantResponseMessage'] as Fields | undefined
}

function contextOf(entry: Fields | undefined): Fields {
  return (userOf(entry)?.['userInputMessageContext'] ?? {}) as Fields
}

function checkAlternation(entries: Fields[], faults: string[]): void {
  for (const [index, entry] of entries.entries()) {
    const wanted = index % 2 === 0 ? 'userInputMessage' : 'assistantResponseMessage'
    if (Object.keys(entry).join() !== wanted) faults.push(`entry ${index} is not ${wanted}`)
  }
  if (userOf(entries.at(-1)) === undefined) faults.push('the current message is not a user message')
  if ('toolResults' in contextOf(entries[0])) faults.push('the first message has tool results')
  for (const entry of entries.slice(0, -1)) {
    if ('tools' in contextOf(entry)) faults.push('tools in the history')
  }
}

function checkPairs(entries: Fields[], faults: string[]): void {
  const answered = new Set<string>()
  const used = new Set<string>()
  for (const [index, entry] of entries.entries()) {
    const uses = ((assistantOf(entry)?.['toolUses'] ?? []) as Fields[]).map((use) => textOf(use['toolUseId']))
    for (const use of uses) {
      if (used.has(use)) faults.push(`entry ${index}: id ${use} is used twice`)
      used.add(use)
    }
    const results = (contextOf(entries[index + 1])['toolResults'] ?? []) as Fields[]
    const ids = results.map((result) => textOf(result['toolUseId']))
    if (assistantOf(entry) !== undefined && ids.join('|') !== uses.join('|')) {
      faults.push(`entry ${index}: calls [${uses.join()}] are answered by [${ids.join()}]`)
    }
    for (const result of (contextOf(entry)['toolResults'] ?? []) as Fields[]) {
      const id = textOf(result['toolUseId'])
      if (answered.has(id)) faults.push(`entry ${index}: ${id} is answered twice`)
      answered.add(id)
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(id)) faults.push(`entry ${index}: id form ${id}`)
      if (result['status'] !== 'success' && result['status'] !== 'error') faults.push(`entry ${index}: status`)
      const content = result['content'] as Fields[]
      if (!Array.isArray(content) || content.length === 0) faults.push(`entry ${index}: empty tool result`)
      for (const part of content) {
        if (typeof part['text'] !== 'string' || part['text'].trim() === '')
          faults.push(`entry ${index}: empty result text`)
      }
    }
  }
}

function checkTools(current: Fields, history: Fields[], faults: string[]): void {
  const context = contextOf(current)
  if ('tools' in context && (context['tools'] as Json[]).length === 0) faults.push('tools is there but empty')
  if ('toolResults' in context && (context['toolResults'] as Json[]).length === 0) faults.push('empty toolResults')
  const names = new Set<string>()
  for (const tool of (context['tools'] ?? []) as Fields[]) {
    if (Object.keys(tool).join() !== 'toolSpecification') faults.push('a tool that is no toolSpecification')
    const spec = tool['toolSpecification'] as Fields
    const name = textOf(spec['name'])
    const description = spec['description']
    if (!/^[a-zA-Z0-9_-]{1,63}$/.test(name)) faults.push(`tool name ${name}`)
    if (names.has(name.toLowerCase())) faults.push(`tool ${name} twice`)
    names.add(name.toLowerCase())
    if (typeof description !== 'string' || description.trim() === '' || description.length > 10_240) {
      faults.push(`description of ${name}`)
    }
    checkSchema((spec['inputSchema'] as Fields)['json'], `schema of ${name}`, faults)
  }
  for (const entry of history) {
    for (const use of (assistantOf(entry)?.['toolUses'] ?? []) as Fields[]) {
      if (!names.has(textOf(use['name']).toLowerCase()))
        faults.push(`history tool ${textOf(use['name'])} is not declared`)
      if (!/^[a-zA-Z0-9_-]{1,64}$/.test(textOf(use['toolUseId'])))
        faults.push(`tool use id ${textOf(use['toolUseId'])}`)
      const { input } = use
      if (typeof input !== 'object' || input === null || Array.isArray(input)) faults.push('tool input is no object')
    }
  }
}

function checkContent(entry: Fields, where: string, faults: string[]): void {
  const user = userOf(entry)
  const assistant = assistantOf(entry)
  const content = (user ?? assistant)?.['content']
  if (typeof content !== 'string') {
    faults.push(`${where}: content is no string`)
    return
  }
  const results = (contextOf(entry)['toolResults'] ?? []) as Json[]
  if (user !== undefined && content.trim() === '' && results.length === 0) faults.push(`${where}: blank content`)
  if (user !== undefined && content !== '' && content.trim() === '') faults.push(`${where}: white space content`)
  if (assistant !== undefined) {
    if (content === '') faults.push(`${where}: empty assistant content`)
    if (content.trim() === '' && !('toolUses' in assistant)) faults.push(`${where}: blank assistant content`)
    if ('toolUses' in assistant && (assistant['toolUses'] as Json[]).length === 0)
      faults.push(`${where}: empty toolUses`)
    checkReasoning(assistant['reasoningContent'], where, faults)
  }
  if (user === undefined) return
  if ('images' in user && (user['images'] as Json[]).length === 0) faults.push(`${where}: empty images`)
  for (const image of (user['images'] ?? []) as Fields[]) {
    if (!['png', 'jpeg', 'gif', 'webp'].includes(textOf(image['format']))) faults.push(`${where}: image format`)
    if (typeof (image['source'] as Fields)['bytes'] !== 'string') faults.push(`${where}: image bytes`)
  }
  if ('modelId' in user && !/^[a-zA-Z0-9_:.-]{1,1024}$/.test(textOf(user['modelId']))) faults.push(`${where}: modelId`)
  if (!['AI_EDITOR', 'KIRO_CLI', 'CLI'].includes(textOf(user['origin']))) faults.push(`${where}: origin`)
}

function checkReasoning(value: Json | undefined, where: string, faults: string[]): void {
  if (value === undefined) return
  const reasoning = value as Fields
  const keys = Object.keys(reasoning).join()
  const nested = reasoning['reasoningText'] as Fields | undefined
  const wellFormed =
    keys === 'redactedContent'
      ? typeof reasoning['redactedContent'] === 'string'
      : keys === 'reasoningText' && typeof nested?.['text'] === 'string' && typeof nested['signature'] === 'string'
  if (!wellFormed) faults.push(`${where}: reasoningContent ${keys}`)
}

/** The inputs of tool calls are documents of the model's own making: null is a value there. */
function withoutDocuments(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDocuments)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([key]) => !(key === 'input' && 'toolUseId' in value))
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutDocuments(part)]))
}

function findNulls(value: Json, path: string, faults: string[]): void {
  if (value === null || value === undefined) faults.push(`null at ${path}`)
  else if (Array.isArray(value))
    for (const [index, part] of value.entries()) findNulls(part, `${path}.${index}`, faults)
  else if (typeof value === 'object')
    for (const [key, part] of Object.entries(value)) findNulls(part, `${path}.${key}`, faults)
}
