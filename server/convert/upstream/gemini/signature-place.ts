import type { Opaque } from '../../../canonical/request.ts'

/** The part that a thought signature stood on (gemini.md §4.4 rule 3). */
export type SignaturePlace = 'thought' | 'call'

/** What Google's own client sends where a first call has no real signature (gemini.md §4.4 rule 2). */
export const MISSING_SIGNATURE = 'skip_thought_signature_validator'

/**
 * A thought signature as reasoning carries it through a client. Clients know no signatures on tool calls, so that of a
 * call travels on the reasoning before it (an empty one where there is none) with a word that says where it belongs.
 */
export function sealSignature(place: SignaturePlace, signature: string, model: string): Opaque {
  return { origin: { upstream: 'gemini', model }, value: `${place}.${signature}` }
}

/** The inverse; undefined for what another provider or model made (gemini.md §4.4 rule 3). */
export function openSignature(
  seal: Opaque,
  model: string,
): { readonly place: SignaturePlace; readonly signature: string } | undefined {
  if (seal.origin.upstream !== 'gemini' || seal.origin.model !== model) return undefined
  const dot = seal.value.indexOf('.')
  const place = seal.value.slice(0, dot)
  const signature = seal.value.slice(dot + 1)
  return (place === 'thought' || place === 'call') && signature !== '' ? { place, signature } : undefined
}

/** Whether the model refuses a turn whose first call has no signature (gemini.md §4.4 rule 1). */
export function needsSignatures(model: string): boolean {
  return model.startsWith('gemini-3')
}
