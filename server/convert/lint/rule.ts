/**
 * One named rule of the request linter. The table of all rules is `lintRules`; docs/linter.md describes each with an
 * example.
 */
export interface LintRule {
  /** Stable: it goes to the log and to the `x-culvert-repairs` header. */
  readonly name: string
  /** What the rule looks for, as a whole sentence. */
  readonly finds: string
  /**
   * `repair`: the request is changed and sent. `refuse`: it can't be sent. `note`: it is sent unchanged, but is likely
   * to be refused by the service.
   */
  readonly action: 'repair' | 'refuse' | 'note'
  /** What is done about it, as a whole sentence. */
  readonly remedy: string
  /** Where the rule comes from, e.g. `amazon-q.md §2.5 rule 2`. */
  readonly source: string
}
