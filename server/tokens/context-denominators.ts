/**
 * What `contextUsagePercentage` is a percentage of, where that is not the model's nominal context window (tokens).
 * Figures observed by others, not documented by the provider; `resolveUsage` therefore believes the result only near
 * its own estimate. `pattern` is tried on the model's id, first match wins.
 */
const oddDenominators: readonly {
  readonly pattern: RegExp
  readonly nominal: number
  readonly denominator: number
}[] = [
  { pattern: /opus/u, nominal: 1_000_000, denominator: 1_470_000 },
  { pattern: /sonnet-4[.-]5(?!\d)/u, nominal: 200_000, denominator: 454_000 },
]

/** The window assumed where neither the model list nor the table above knows one. */
const defaultWindow = 200_000

/**
 * Tokens in the context after an answer, by the provider's percentage (0–100). `window` is the model's nominal context
 * window, or undefined when its account never told. An odd denominator holds only for the window that it was seen with.
 */
export function contextTokens(percentage: number, model: string, window: number | undefined): number {
  const odd = oddDenominators.find((entry) => entry.pattern.test(model))
  const denominator =
    odd !== undefined && (window === undefined || window === odd.nominal) ? odd.denominator : (window ?? defaultWindow)
  return Math.floor((percentage * denominator) / 100)
}
