import type { Opaque, Upstream } from '../../canonical/request.ts'

const tag = 'cv1'
const upstreams: ReadonlySet<string> = new Set<Upstream>(['amazon-q', 'gemini', 'openai', 'anthropic'])

/**
 * An opaque value as it travels in a client's `signature`, `data` and `encrypted_content` strings:
 * `cv1.<upstream>.<model>.<value>`, the model in base64url. Clients store and echo these strings without looking inside
 * (clients.md §1.6, §2), so that the tag tells us on the next turn who made the value. The same input always gives the same text. Values of unknown origin stay bare, so
 * that a signature made elsewhere comes back as it was.
 */
export function encodeOpaque(opaque: Opaque): string {
  const { origin, value } = opaque
  if (origin.upstream !== 'unknown') {
    return `${tag}.${origin.upstream}.${Buffer.from(origin.model, 'utf8').toString('base64url')}.${value}`
  }
  return value.startsWith(`${tag}.`) ? `${tag}.unknown..${value}` : value
}

/** The inverse of `encodeOpaque`. Any text is accepted: what does not bear a well-formed tag is of unknown origin. */
export function decodeOpaque(text: string): Opaque {
  const unknown: Opaque = { origin: { upstream: 'unknown' }, value: text }
  const [first, upstream = '', encodedModel = ''] = text.split('.', 3)
  if (first !== tag) return unknown
  const value = text.slice(tag.length + upstream.length + encodedModel.length + 3)
  if (upstream === 'unknown' && encodedModel === '' && text.startsWith(`${tag}.unknown..`)) {
    return { origin: { upstream: 'unknown' }, value }
  }
  const model = Buffer.from(encodedModel, 'base64url').toString('utf8')
  const canonical = Buffer.from(model, 'utf8').toString('base64url') === encodedModel
  if (!isUpstream(upstream) || !canonical || value === '') return unknown
  return { origin: { upstream, model }, value }
}

function isUpstream(name: string): name is Upstream {
  return upstreams.has(name)
}
