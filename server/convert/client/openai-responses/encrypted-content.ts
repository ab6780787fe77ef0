import type { Opaque, ReasoningBlock } from '../../../canonical/request.ts'
import { decodeOpaque, encodeOpaque } from '../opaque-text.ts'

/** Says that the value is the reasoning itself and not a signature of it: the item has one member for both. */
const redactedTag = 'cvr.'

/**
 * The `encrypted_content` of a reasoning item: clients keep and echo it without looking inside (clients.md §2). `null`:
 * the upstream gave neither signature nor redacted reasoning.
 */
export function encodeEncryptedContent(signature: Opaque | undefined, redacted: Opaque | undefined): string | null {
  if (redacted !== undefined) return redactedTag + encodeOpaque(redacted)
  return signature === undefined ? null : encodeOpaque(signature)
}

/** The inverse of `encodeEncryptedContent`; `text` is the item's summary. Any text is accepted. */
export function decodeEncryptedContent(encrypted: string, text: string): Omit<ReasoningBlock, 'type'> {
  if (!encrypted.startsWith(redactedTag)) return { text, signature: decodeOpaque(encrypted) }
  const redacted = decodeOpaque(encrypted.slice(redactedTag.length))
  return redacted.value === '' ? { text } : { text: '', redacted }
}
