/** What the simulated key may use (gemini.md §4.4, §7). */
export const geminiModels = [
  { id: 'gemini-2.5-pro', displayName: 'Gemini 2.5 Pro', thinking: 'budget', least: 128, most: 32_768 },
  { id: 'gemini-2.5-flash', displayName: 'Gemini 2.5 Flash', thinking: 'budget', least: 0, most: 24_576 },
  { id: 'gemini-3-pro-preview', displayName: 'Gemini 3 Pro', thinking: 'level', least: 128, most: 32_768 },
  { id: 'gemini-3-flash-preview', displayName: 'Gemini 3 Flash', thinking: 'level', least: 128, most: 32_768 },
  // Its service takes a budget only, whatever its family does (the conflict in gemini.md §4.4).
  { id: 'gemini-3.1-flash-lite', displayName: 'Gemini 3.1 Flash-Lite', thinking: 'budget', least: 128, most: 32_768 },
] as const

export type GeminiModel = (typeof geminiModels)[number]

/** The two pages of `GET /v1beta/models`, one model that holds no conversation among them. */
export function modelPage(pageToken: string | null): object {
  const all = [...geminiModels.map(entryOf), embedding]
  return pageToken === null ? { models: all.slice(0, 2), nextPageToken: 'second' } : { models: all.slice(2) }
}

function entryOf({ id, displayName }: GeminiModel): object {
  return {
    name: `models/${id}`,
    version: '001',
    displayName,
    description: `${displayName}, simulated`,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: ['generateContent', 'countTokens'],
    thinking: true,
  }
}

const embedding = {
  name: 'models/gemini-embedding-001',
  displayName: 'Embedding',
  inputTokenLimit: 2_048,
  outputTokenLimit: 1,
  supportedGenerationMethods: ['embedContent'],
}
