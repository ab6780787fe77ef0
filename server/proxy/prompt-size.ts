import { ProxyError } from '../canonical/error.ts'

/**
 * A `prompt-too-long` error with figures, where our estimate agrees with it: with them Claude Code leaves out what is too
 * much in one step, without them a fifth at a time, each step a refused call on the account (clients.md §1.7). Only half
 * of the estimated excess is told: too small a figure costs one more step, but with too large a one Claude Code
 * summarizes too little, gives up after two such attempts, and the conversation is lost. Any other error, and one that
 * tells figures of its own, comes back as it is.
 */
export function withPromptSize(
  error: unknown,
  { tokens, limit }: { readonly tokens: number; readonly limit: number | null },
): unknown {
  if (!(error instanceof ProxyError) || error.kind !== 'prompt-too-long' || error.promptSize !== undefined) return error
  if (limit === null || tokens <= limit) return error
  return new ProxyError(error.kind, error.message, {
    upstreamStatus: error.upstreamStatus,
    promptSize: { tokens: Math.ceil((tokens + limit) / 2), limit },
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    ...(error.param === undefined ? {} : { param: error.param }),
    ...(error.upstream === undefined ? {} : { upstream: error.upstream }),
    cause: error,
  })
}
