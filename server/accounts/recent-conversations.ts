/** Which account served a conversation last. Forgets the conversations that were silent longest. */
export interface RecentConversations {
  get(conversationKey: string): string | undefined
  set(conversationKey: string, accountId: string): void
}

export function createRecentConversations(limit: number): RecentConversations {
  const recent = new Map<string, string>()
  return {
    get: (key) => recent.get(key),
    set(key, accountId) {
      recent.delete(key)
      recent.set(key, accountId)
      if (recent.size <= limit) return
      const oldest = recent.keys().next()
      if (oldest.done !== true) recent.delete(oldest.value)
    },
  }
}
