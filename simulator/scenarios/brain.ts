import type { Conversation } from '../conversation.ts'
import type { Scenario } from './scenario.ts'
import { say } from './text.ts'

/**
 * What answers when nobody chose anything: polite, the same for the same request, and telling what arrived. It also
 * does the two small jobs that coding tools ask of a model on the side: a conversation's summary and its title.
 */
export const brain: Scenario = (scene) => {
  const { conversation, model } = scene
  if (asksForSummary(conversation)) {
    return say(
      scene,
      '<analysis>The simulator read the conversation.</analysis>\n' +
        `<summary>A conversation of ${conversation.turns.length} messages with the simulator.</summary>`,
    )
  }
  if (asksForTitle(conversation)) {
    return say(scene, '{"title": "A talk with the simulator"}')
  }
  const results = conversation.turns.at(-1)?.toolResults ?? []
  if (results.length > 0) {
    return say(
      scene,
      `I got ${counted(results.length, 'tool result')}. The first one begins: ${results[0]?.text.slice(0, 200)}`,
    )
  }
  const images = conversation.turns.reduce((sum, turn) => sum + turn.images.length, 0)
  return say(
    scene,
    `Hello! This is Culvert's simulator, standing in for ${model.name}. ` +
      `I received ${counted(conversation.turns.length, 'message')}, ${counted(conversation.tools.length, 'tool')} ` +
      `and ${counted(images, 'image')}, about ${conversation.inputTokens} tokens in all. ` +
      'I am no real model, but I can play one: put [[scenario:write-and-read]] or [[scenario:think]] into your message.',
  )
}

/** Whether the newest message asks for the conversation's summary (compaction, clients.md §1.5). */
export function asksForSummary(conversation: Conversation): boolean {
  const asked = newestText(conversation)
  return asked.includes('<analysis>') && asked.includes('<summary>')
}

/** Whether a side call without tools asks for a title as JSON. The wish may stand in the system text, a turn before. */
function asksForTitle(conversation: Conversation): boolean {
  if (conversation.tools.length > 0) return false
  const asked = conversation.turns.filter((turn) => turn.role === 'user').map((turn) => turn.text)
  return asked.some((text) => /\bjson\b/iu.test(text) && /["']?\btitle\b["']?/iu.test(text) && /schema/iu.test(text))
}

function newestText(conversation: Conversation): string {
  return conversation.turns.at(-1)?.text ?? ''
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
