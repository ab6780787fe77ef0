import type { Backend } from '../backend.ts'
import type { UpstreamClient } from '../fetch-upstream.ts'
import { listModels } from './list-models.ts'
import { streamCall } from './stream-call.ts'

export interface GeminiBackendDeps {
  readonly client: UpstreamClient
  /** `GEMINI_API_ENDPOINT`: another address than Google's own, without a slash at the end. */
  readonly base?: string
}

/** Gemini by API key, the surface that Google recommends to other people's programs (gemini.md §0, §9). */
export function createGeminiBackend({ client, base }: GeminiBackendDeps): Backend {
  const deps = { client, base: base ?? 'https://generativelanguage.googleapis.com' }
  return {
    upstream: 'gemini',
    accountTypes: ['gemini'],
    stream: (call) => streamCall(deps, call),
    models: (call) => listModels(deps, call),
  }
}
