/** The body of `:generateContent` and `:streamGenerateContent` (gemini.md §4.1, §9). */
export interface GeminiRequestBody {
  readonly contents: readonly GeminiContent[]
  readonly systemInstruction?: { readonly role: 'user'; readonly parts: readonly GeminiTextPart[] }
  readonly tools?: readonly [{ readonly functionDeclarations: readonly GeminiFunction[] }]
  readonly toolConfig?: {
    readonly functionCallingConfig: {
      readonly mode: 'AUTO' | 'ANY' | 'NONE'
      readonly allowedFunctionNames?: readonly string[]
    }
  }
  readonly generationConfig?: GeminiGenerationConfig
}

export interface GeminiGenerationConfig {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  /** Tokens, thoughts included. */
  readonly maxOutputTokens?: number
  readonly stopSequences?: readonly string[]
  readonly responseMimeType?: 'application/json'
  readonly responseSchema?: object
  readonly thinkingConfig?: GeminiThinkingConfig
}

/** Never both a budget and a level (gemini.md §4.4). */
export interface GeminiThinkingConfig {
  readonly includeThoughts: boolean
  /** Tokens; −1: as many as the model likes. */
  readonly thinkingBudget?: number
  readonly thinkingLevel?: 'MINIMAL' | 'LOW' | 'MEDIUM' | 'HIGH'
}

export interface GeminiContent {
  readonly role: 'user' | 'model'
  readonly parts: readonly GeminiPart[]
}

export interface GeminiTextPart {
  readonly text: string
}

export interface GeminiInlinePart {
  readonly inlineData: { readonly mimeType: string; readonly data: string }
}

/** One member of the union of gemini.md §4.2. */
export type GeminiPart =
  | GeminiTextPart
  | { readonly text: string; readonly thought: true; readonly thoughtSignature?: string }
  | GeminiInlinePart
  | {
      readonly functionCall: { readonly id: string; readonly name: string; readonly args: object }
      readonly thoughtSignature?: string
    }
  | {
      readonly functionResponse: {
        readonly id: string
        readonly name: string
        readonly response: { readonly output: string } | { readonly error: string }
        readonly parts?: readonly GeminiInlinePart[]
      }
    }

/** One function declaration; without `parameters` it takes none (gemini.md §4.3). */
export interface GeminiFunction {
  readonly name: string
  readonly description: string
  readonly parameters?: object
}
