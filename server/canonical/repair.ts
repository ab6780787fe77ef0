/**
 * One change that the linter made to a request so that the upstream accepts it. `rule` is a stable name from the rule
 * table (docs/linter.md); it goes to the log and the `x-culvert-repairs` header. `where` is the place in the client's
 * request (`messages.3`, `tools.2.input_schema`), never content.
 */
export interface Repair {
  readonly rule: string
  readonly where: string
  readonly detail?: string
}
