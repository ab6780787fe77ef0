/** One numbered change of the schema. Once released, it is never edited: a later change is a later migration. */
export interface Migration {
  /** The file's name without its ending; the order of names is the order of migrations. */
  readonly name: string
  readonly up: (schema: Schema) => void
}

/**
 * How the database at hand spells what a migration needs. Everything else in a migration is SQL that SQLite,
 * PostgreSQL and MySQL all understand.
 */
export interface Schema {
  /** Runs one statement. */
  run(statement: string): void
  /** A name in the database's quotes, which keep its capital letters. */
  name(identifier: string): string
  /** Text short enough to be in an index. */
  readonly key: string
  readonly text: string
  /** 64 bits: times are epoch milliseconds. */
  readonly integer: string
  readonly real: string
  /** What follows the closing bracket of `create table`. */
  readonly tableOptions: string
}
