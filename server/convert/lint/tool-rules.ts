import type { LintRule } from './rule.ts'

/** Rules about tool declarations, tool calls and tool choice. */
export const toolRules = [
  {
    name: 'tool-undeclared',
    finds: 'A tool call in the history names a tool that is not declared.',
    action: 'repair',
    remedy: 'A placeholder of that name is declared.',
    source: 'amazon-q.md §2.5 rule 5',
  },
  {
    name: 'tool-name-form',
    finds: 'A tool name is not made of 1 to 63 letters, digits, `_` and `-`.',
    action: 'repair',
    remedy: 'The service sees a short form with a hash; the answer carries the original name again.',
    source: 'amazon-q.md §2.4 tools, §2.5',
  },
  {
    name: 'tool-name-duplicate',
    finds: 'Two tools have the same name, or names that differ only in case.',
    action: 'repair',
    remedy: 'A second tool of the same name is left out; one that differs in case is renamed as by tool-name-form.',
    source: 'amazon-q.md §2.5 rule 5',
  },
  {
    name: 'tool-description-empty',
    finds: 'A tool has no description.',
    action: 'repair',
    remedy: 'Its name becomes the description.',
    source: 'amazon-q.md §2.4 tools',
  },
  {
    name: 'tool-description-long',
    finds: 'The description of a tool is longer than 10,240 characters.',
    action: 'repair',
    remedy: 'The description becomes its beginning with a pointer; the whole text moves into the system prompt.',
    source: 'amazon-q.md §2.4 tools, §5',
  },
  {
    name: 'server-tool',
    finds: 'A tool would be run by the provider itself (web search and the like).',
    action: 'repair',
    remedy: 'It is not declared, and the model is told that it is not available.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'tool-choice',
    finds: 'The client demands or forbids tool calls; the service has no such member.',
    action: 'repair',
    remedy: 'The demand is written as an instruction in the current message.',
    source: 'amazon-q.md §2.4 chatTriggerType',
  },
  {
    name: 'tool-input-unparsed',
    finds: 'A tool call in the history carries input that the client could not read as JSON.',
    action: 'repair',
    remedy: 'The raw text is parsed if it is a JSON object after all, and else sent as the one member `raw`.',
    source: 'clients.md §1.5',
  },
] as const satisfies readonly LintRule[]

/** Rules about the JSON Schema of a tool's input. */
export const schemaRules = [
  {
    name: 'schema-missing',
    finds: 'A tool has no input schema.',
    action: 'repair',
    remedy: 'It gets the schema of an object without properties.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-top-type',
    finds: 'The schema does not describe an object on top.',
    action: 'repair',
    remedy: 'Its type becomes `object`, its properties an object.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-top-combinator',
    finds: 'The schema has `oneOf`, `anyOf` or `allOf` on top.',
    action: 'repair',
    remedy: 'The properties of its object variants are lifted to the top; what every variant requires stays required.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-dialect',
    finds: 'The schema names its dialect or carries identifiers (`$schema`, `$id`, `$comment`, `$anchor` …).',
    action: 'repair',
    remedy: 'They are left out.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-ref',
    finds: 'The schema has `$ref`.',
    action: 'repair',
    remedy: 'A local reference is replaced by its target; a cyclic, remote or dangling one by an open schema.',
    source: 'field-notes.md, 400 causes',
  },
  {
    name: 'schema-null',
    finds: 'A keyword of the schema is `null`.',
    action: 'repair',
    remedy: 'It is left out.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-keyword-form',
    finds: 'A keyword has a value of the wrong kind (`required` that is no list, `properties` that is no object …).',
    action: 'repair',
    remedy: 'It is left out, or what is usable of it is kept.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-exclusive-bound',
    finds: '`exclusiveMinimum` or `exclusiveMaximum` is a number.',
    action: 'repair',
    remedy: 'It becomes `minimum` or `maximum`: the next whole number for integers, the same number otherwise.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-bound',
    finds: 'A bound lies outside of 32 bits.',
    action: 'repair',
    remedy: 'It is left out.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-2020',
    finds: 'The schema uses keywords that came after draft 7 (`prefixItems`, `unevaluatedProperties` …).',
    action: 'repair',
    remedy: '`prefixItems` becomes `items`, `dependentRequired` is left out like the others.',
    source: 'amazon-q.md §2.5 known causes',
  },
  {
    name: 'schema-size',
    finds: 'The schema is deeper than 32 levels or has more than 4,000 parts once references are inlined.',
    action: 'repair',
    remedy: 'What lies beyond the limit becomes an open schema.',
    source: 'field-notes.md pain 35',
  },
] as const satisfies readonly LintRule[]
