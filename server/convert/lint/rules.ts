import { contentRules } from './content-rules.ts'
import { historyRules } from './history-rules.ts'
import { geminiRules } from './gemini-rules.ts'
import type { LintRule } from './rule.ts'
import { schemaRules, toolRules } from './tool-rules.ts'

const table = [...historyRules, ...toolRules, ...schemaRules, ...contentRules, ...geminiRules] as const

/** The name of a rule in the table; nothing else may be recorded. */
export type RuleName = (typeof table)[number]['name']

/** Every rule of the request linter, in the order of docs/linter.md. */
export const lintRules: readonly LintRule[] = table
