import type { ModelInfo } from '../../../canonical/offering.ts'
import { readChatModels } from '../../../wire/openai-chat/upstream.ts'

/** The whole list of `GET /models`; undefined: the answer is no such list. */
export function decodeChatModels(body: unknown): { readonly models: readonly ModelInfo[] } | undefined {
  const models = readChatModels(body)
  return models && { models: models.map(({ id, name }) => ({ id, name: name ?? id })) }
}
