import { createHash } from 'node:crypto'
import { parseJson, objectOr } from '../../json.ts'

/** Where a signature stands, and for what content: it fits nowhere else (gemini.md §4.4 rule 3). */
export interface SignedContent {
  readonly model: string
  readonly place: 'thought' | 'call' | 'text'
  readonly content: string
}

/** The literal that stands for a signature that never was (gemini.md §4.4 rule 2). */
export const placeholderSignature = 'skip_thought_signature_validator'

export function sign({ model, place, content }: SignedContent): string {
  return Buffer.from(JSON.stringify({ model, place, mark: markOf(content) })).toString('base64')
}

/** Whether the signature was made for exactly this. */
export function isSignatureOf(signature: string, { model, place, content }: SignedContent): boolean {
  const read = objectOr(parseJson(Buffer.from(signature, 'base64').toString('utf8')))
  return read['model'] === model && read['place'] === place && read['mark'] === markOf(content)
}

/** The content of a call as it is signed. */
export function callContent(name: unknown, args: unknown): string {
  return JSON.stringify([name, args])
}

function markOf(content: string): string {
  return createHash('sha256').update(content).digest('base64url').slice(0, 16)
}
