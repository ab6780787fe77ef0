const billingHeader = /^x-anthropic-billing-header:[^\n]*\n?/u

/**
 * A system text without the line `x-anthropic-billing-header: …` that Claude Code puts first. It is metadata and no
 * instruction, and it changes between conversations, which would defeat every prefix cache (clients.md §1.4, §6 line 18).
 * Empty when nothing else was in it.
 */
export function withoutBillingHeader(text: string): string {
  return text.startsWith('x-anthropic-billing-header:') ? text.replace(billingHeader, '') : text
}
