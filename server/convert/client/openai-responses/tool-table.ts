import { hash } from 'node:crypto'

/** How the client runs a tool, and so by which kind of item it is called. */
export type CallKind = 'function' | 'custom' | 'tool-search' | 'local-shell' | 'shell' | 'apply-patch'

/** A tool as the client names it. */
export interface CallTarget {
  readonly kind: CallKind
  readonly name: string
  /** A call of a tool in a namespace is only understood with it (clients.md §2). */
  readonly namespace?: string
}

/**
 * The tools of one request under the flat names by which upstreams know them: what they call by such a name is told to
 * the client by its own name, namespace and kind of item.
 */
export interface ToolTable {
  /**
   * The flat name of a tool, at most 64 characters where a namespace is part of it. Always the same for the same name
   * and namespace; the kind that came first stays, so that the history's calls take the kind that was declared.
   */
  nameOf(target: CallTarget): string
  /** The tool of a flat name; `undefined`: no such tool was named. */
  find(flatName: string): CallTarget | undefined
}

const longestName = 64
/** The namespace that Codex leaves out as often as it names it (clients.md §2). */
const defaultNamespace = 'functions'

/** An empty table. Its size is bounded by the request's. */
export function createToolTable(): ToolTable {
  const names = new Map<string, string>()
  const targets = new Map<string, CallTarget>()
  return {
    nameOf(target) {
      const namespace = target.namespace === defaultNamespace ? '' : (target.namespace ?? '')
      const key = `${namespace}\u0000${target.name}`
      const known = names.get(key)
      if (known !== undefined) return known
      const flat = flatName(namespace, target.name)
      const name = targets.has(flat) || (namespace !== '' && flat.length > longestName) ? marked(flat, key) : flat
      names.set(key, name)
      targets.set(name, target)
      return name
    },
    find: (name) => targets.get(name),
  }
}

/** Namespaces of MCP servers end in underscores already (`mcp__docs__`). */
function flatName(namespace: string, name: string): string {
  if (namespace === '') return name
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`
}

function marked(name: string, key: string): string {
  const mark = hash('sha256', key, 'hex').slice(0, 8)
  return `${name.slice(0, longestName - mark.length - 1)}_${mark}`
}
