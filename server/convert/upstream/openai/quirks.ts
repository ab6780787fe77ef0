import { isJsonObject, type JsonObject, type JsonValue } from '../../../canonical/json.ts'

/** How a service that speaks Chat Completions differs from the others. */
export interface Quirks {
  /** The member that limits the answer's tokens. */
  readonly maxTokens: 'max_tokens' | 'max_completion_tokens'
  /** Whether `reasoning_effort` may be sent. */
  readonly reasoningEffort: boolean
  /** Whether earlier reasoning is wanted back as `reasoning_content`. */
  readonly reasoningContent: boolean
  /** Whether `stream_options` may be sent. */
  readonly streamOptions: boolean
  /** Whether pictures may be sent as `image_url`. */
  readonly images: boolean
}

const COMMON: Quirks = {
  maxTokens: 'max_tokens',
  reasoningEffort: false,
  reasoningContent: false,
  streamOptions: true,
  images: true,
}

/** By the host's name; the person's own `quirks` come before. */
const byHost: readonly { readonly host: RegExp; readonly quirks: Partial<Quirks> }[] = [
  { host: /(?:^|\.)openai\.com$/u, quirks: { maxTokens: 'max_completion_tokens', reasoningEffort: true } },
  { host: /(?:^|\.)openai\.azure\.com$/u, quirks: { maxTokens: 'max_completion_tokens', reasoningEffort: true } },
  { host: /(?:^|\.)openrouter\.ai$/u, quirks: { reasoningEffort: true } },
  { host: /(?:^|\.)deepseek\.com$/u, quirks: { reasoningContent: true, images: false } },
  { host: /(?:^|\.)moonshot\.(?:ai|cn)$/u, quirks: { reasoningContent: true } },
  { host: /(?:^|\.)z\.ai$/u, quirks: { reasoningContent: true } },
]

/** The quirks of the service at an address. `own`: the account's `quirks`; members of a wrong type are ignored. */
export function quirksOf(address: string, own: JsonValue | undefined): Quirks {
  const { hostname } = new URL(address)
  const known = byHost.find(({ host }) => host.test(hostname))?.quirks ?? {}
  return { ...COMMON, ...known, ...(isJsonObject(own) ? readQuirks(own) : {}) }
}

function readQuirks(own: JsonObject): Partial<Quirks> {
  const entries = Object.entries(own).filter(([name, value]) =>
    name === 'maxTokens'
      ? value === 'max_tokens' || value === 'max_completion_tokens'
      : name in COMMON && typeof value === 'boolean',
  )
  return Object.fromEntries(entries)
}
