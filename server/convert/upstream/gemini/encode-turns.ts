import type { ReasoningBlock, ToolResultBlock } from '../../../canonical/request.ts'
import type { GeminiContent, GeminiInlinePart, GeminiPart } from '../../../wire/gemini/request.ts'
import { isBlank, messagePath, type Turn, type TurnBlock } from '../../history/turns.ts'
import type { RepairLog } from '../../lint/repair-log.ts'
import { encodeDocument, encodeImage } from './encode-media.ts'
import { MISSING_SIGNATURE, needsSignatures, openSignature } from './signature-place.ts'
import type { ToolNames } from './tool-names.ts'

export interface TurnsContext {
  readonly model: string
  readonly names: ToolNames
  /** Leave out all earlier reasoning: the service has refused a signature. */
  readonly stripReasoning: boolean
  readonly log: RepairLog
}

/** The conversation as `contents` (gemini.md §4.2, §8.1). The turns alternate and every call in them is answered. */
export function encodeTurns(turns: readonly Turn[], context: TurnsContext): readonly GeminiContent[] {
  const nameOfCall = new Map<string, string>()
  return turns.map((turn) => {
    if (turn.role === 'assistant') return { role: 'model', parts: modelParts(turn, nameOfCall, context) }
    return { role: 'user', parts: userParts(turn, nameOfCall, context) }
  })
}

/** Thoughts and text as they came, then the calls. */
function modelParts(turn: Turn, nameOfCall: Map<string, string>, context: TurnsContext): readonly GeminiPart[] {
  const said: GeminiPart[] = []
  const calls: GeminiPart[] = []
  let callSignature: string | undefined
  for (const item of turn.blocks) {
    const { block, from } = item
    if (block.type === 'reasoning') {
      const opened = openReasoning(block, from, context)
      if (opened?.place === 'call') callSignature = opened.signature
      if (opened !== undefined && block.text !== '') {
        const mark = opened.place === 'thought' ? { thoughtSignature: opened.signature } : {}
        said.push({ text: block.text, thought: true, ...mark })
      }
    } else if (block.type === 'tool-use') {
      const name = context.names.encode(block.name)
      nameOfCall.set(block.id, name)
      const isFirst = calls.length === 0
      const signature = callSignature ?? (isFirst && needsSignatures(context.model) ? MISSING_SIGNATURE : undefined)
      callSignature = undefined
      calls.push({
        functionCall: { id: block.id, name, args: block.input },
        ...(signature === undefined ? {} : { thoughtSignature: signature }),
      })
    } else {
      said.push(...plainParts(item, context))
    }
  }
  const parts = [...said, ...calls]
  // A turn of nothing but foreign reasoning still has to say something.
  return parts.length > 0 ? parts : [{ text: '(This message held nothing that can be passed on.)' }]
}

function openReasoning(block: ReasoningBlock, from: number, context: TurnsContext) {
  const { log, model } = context
  const seal = block.signature ?? block.redacted
  if (context.stripReasoning || seal === undefined) {
    log.add('reasoning-dropped', messagePath(from))
    return undefined
  }
  const opened = openSignature(seal, model)
  if (opened === undefined) log.add('foreign-signature', messagePath(from))
  // The client was asked not to show the text: a thought's signature without its text has nothing to stand on.
  else if (opened.place === 'thought' && block.text === '') log.add('reasoning-dropped', messagePath(from))
  return opened
}

function userParts(turn: Turn, nameOfCall: Map<string, string>, context: TurnsContext): readonly GeminiPart[] {
  const results: GeminiPart[] = []
  const others: GeminiPart[] = []
  for (const item of turn.blocks) {
    if (item.block.type === 'tool-result') {
      const { result, beside } = resultPart(item.block, item.from, nameOfCall, context)
      results.push(result)
      others.push(...beside)
    } else {
      others.push(...plainParts(item, context))
    }
  }
  const parts = [...results, ...others]
  return parts.length > 0 ? parts : [{ text: '(This message was empty.)' }]
}

function plainParts({ block, from }: TurnBlock, { log }: TurnsContext): readonly GeminiPart[] {
  const where = messagePath(from)
  switch (block.type) {
    case 'text':
      return [{ text: block.text }]
    case 'image':
      return [encodeImage(block, where, log)]
    case 'document':
      return encodeDocument(block, where, log)
    case 'foreign':
      log.add('foreign-block', where)
      return isBlank(block.text) ? [] : [{ text: block.text }]
    case 'tool-use':
    case 'tool-result':
    case 'reasoning':
      return []
  }
}

/** Which models take images inside a result; Google's own client tests for exactly this beginning (gemini.md §4.2 rule 4). */
const NESTED_MEDIA = /^gemini-3-/u

function resultPart(
  block: ToolResultBlock,
  from: number,
  nameOfCall: ReadonlyMap<string, string>,
  { log, model }: TurnsContext,
): { readonly result: GeminiPart; readonly beside: readonly GeminiPart[] } {
  const where = messagePath(from)
  const texts: string[] = []
  const media: GeminiInlinePart[] = []
  for (const item of block.content) {
    const parts =
      item.type === 'text'
        ? [{ text: item.text }]
        : item.type === 'image'
          ? [encodeImage(item, where, log)]
          : encodeDocument(item, where, log)
    for (const part of parts) {
      if ('text' in part) texts.push(part.text)
      else media.push(part)
    }
  }
  let output = texts.filter((text) => text !== '').join('\n')
  if (output === '' && media.length === 0) {
    log.add('empty-tool-result', where)
    output = '(The tool returned nothing.)'
  } else if (output === '') {
    output = '(The tool returned what is attached.)'
  }
  const isNested = media.length > 0 && NESTED_MEDIA.test(model)
  const result: GeminiPart = {
    functionResponse: {
      id: block.toolUseId,
      // Every result that is left stands behind its call, whose name is known by now.
      name: nameOfCall.get(block.toolUseId) ?? 'unknown',
      response: block.isError ? { error: output } : { output },
      ...(isNested ? { parts: media } : {}),
    },
  }
  return { result, beside: isNested ? [] : media }
}
