import { parseSync, Visitor } from 'oxc-parser'

/** One place where a module names another. */
export interface ImportSite {
  readonly specifier: string
  /** Whether the import vanishes when types are stripped. */
  readonly typeOnly: boolean
  /** Counted from 1. */
  readonly line: number
}

/** What the rules need to know of one source file. */
export interface ModuleFacts {
  /** Static, dynamic and type imports, re-exports, `require`, and files named by `new URL(…, import.meta.url)`. */
  readonly imports: readonly ImportSite[]
  readonly lines: number
  /** Lines of comments that switch a check off. */
  readonly suppressions: readonly number[]
  readonly errors: readonly string[]
}

const suppression =
  /^[\s*]*(?:(?:ox|es)lint-disable|@ts-(?:ignore|expect-error|nocheck)|oxfmt-ignore|prettier-ignore)\b/u

/** Reads one TypeScript or JavaScript source. `path` tells the language by its ending. Never throws. */
export function readModule(path: string, source: string): ModuleFacts {
  const parsed = parseSync(path, source)
  const lineAt = lineFinder(source)
  const imports: ImportSite[] = []
  const add = (specifier: string, typeOnly: boolean, offset: number): void => {
    imports.push({ specifier, typeOnly, line: lineAt(offset) })
  }

  for (const statement of parsed.module.staticImports) {
    const typeOnly = statement.entries.length > 0 && statement.entries.every((entry) => entry.isType)
    add(statement.moduleRequest.value, typeOnly, statement.start)
  }
  for (const statement of parsed.module.staticExports) {
    const from = statement.entries.find((entry) => entry.moduleRequest !== null)
    if (from?.moduleRequest === null || from === undefined) continue
    add(
      from.moduleRequest.value,
      statement.entries.every((entry) => entry.isType),
      statement.start,
    )
  }
  new Visitor({
    ImportExpression(node) {
      if (node.source.type === 'Literal') add(String(node.source.value), false, node.start)
    },
    TSImportType(node) {
      add(node.source.value, true, node.start)
    },
    CallExpression(node) {
      const [first] = node.arguments
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'require') return
      if (first?.type === 'Literal') add(String(first.value), false, node.start)
    },
    NewExpression(node) {
      const [first, base] = node.arguments
      if (node.callee.type !== 'Identifier' || node.callee.name !== 'URL') return
      if (first?.type !== 'Literal' || base?.type !== 'MemberExpression') return
      if (base.object.type === 'MetaProperty' && isSource(String(first.value)))
        add(String(first.value), false, node.start)
    },
  }).visit(parsed.program)

  return {
    imports,
    lines: source.split('\n').length - (source.endsWith('\n') ? 1 : 0),
    suppressions: parsed.comments.filter(({ value }) => suppression.test(value)).map(({ start }) => lineAt(start)),
    errors: parsed.errors.map((error) => error.message),
  }
}

/** Whether the ending is that of a file with code. */
export function isSource(path: string): boolean {
  return /\.(?:[cm]?[jt]s|tsx)$/u.test(path)
}

/** Offset (UTF-16) → line, counted from 1. */
function lineFinder(source: string): (offset: number) => number {
  const starts = [0]
  for (let at = source.indexOf('\n'); at !== -1; at = source.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}
