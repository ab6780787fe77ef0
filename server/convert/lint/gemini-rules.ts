import type { LintRule } from './rule.ts'

/** Rules that only requests to Gemini meet, beside those that they share with the others. */
export const geminiRules = [
  {
    name: 'schema-union',
    finds: 'The schema has `anyOf`, `oneOf`, `allOf` or a list of types.',
    action: 'repair',
    remedy: 'The richest form is kept and the others are named in the description; `null` becomes `nullable`.',
    source: 'gemini.md §4.3',
  },
  {
    name: 'schema-subset',
    finds: 'The schema has keywords that Gemini does not know (bounds, formats, defaults, `additionalProperties` …).',
    action: 'repair',
    remedy: 'They are left out; bounds, formats and values that are not texts are told in the description.',
    source: 'gemini.md §4.3',
  },
  {
    name: 'stop-sequences-many',
    finds: 'The client sets more than 5 stop sequences.',
    action: 'repair',
    remedy: 'The first 5 are sent.',
    source: 'Culvert: the limit that Google documents for its API',
  },
] as const satisfies readonly LintRule[]
