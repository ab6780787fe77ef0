import { shortHash } from '../../history/short-hash.ts'

/** From a name as the service knows it to the client's name; holds only names that differ. */
export type ToolNameMap = ReadonlyMap<string, string>

const VALID_NAME = /^[a-zA-Z0-9_-]{1,63}$/u
// The service's limit is 64, but clients that stay at 63 are known to work (amazon-q.md §2.5).
const MAX_LENGTH = 63

/** Gives every tool a name that the service accepts and that no other tool has, compared without regard to case. */
export interface ToolNames {
  /** The service's name of a tool, or `undefined` if no tool of that name was added. Case matters only as a tie-break. */
  find(clientName: string): string | undefined
  /** Whether a tool of exactly this name was added. */
  isAdded(clientName: string): boolean
  /** Adds a tool. `renamed`: the service's name is another one than the client's. */
  add(clientName: string): { readonly name: string; readonly renamed: boolean }
  /** Takes a name out of circulation before others are added, so that a well-formed name is never given away. */
  reserve(clientName: string): void
  readonly map: ToolNameMap
}

export function createToolNames(): ToolNames {
  const exact = new Map<string, string>()
  const folded = new Map<string, string>()
  const ownerOf = new Map<string, string>()
  const map = new Map<string, string>()
  return {
    map,
    find: (clientName) => exact.get(clientName) ?? folded.get(clientName.toLowerCase()),
    isAdded: (clientName) => exact.has(clientName),
    reserve(clientName) {
      const key = clientName.toLowerCase()
      if (isValidToolName(clientName) && !ownerOf.has(key)) ownerOf.set(key, clientName)
    },
    add(clientName) {
      const name = freeName(clientName, ownerOf)
      ownerOf.set(name.toLowerCase(), clientName)
      exact.set(clientName, name)
      if (!folded.has(clientName.toLowerCase())) folded.set(clientName.toLowerCase(), name)
      if (name !== clientName) map.set(name, clientName)
      return { name, renamed: name !== clientName }
    },
  }
}

export function isValidToolName(name: string): boolean {
  return VALID_NAME.test(name)
}

function freeName(clientName: string, ownerOf: ReadonlyMap<string, string>): string {
  const owner = ownerOf.get(clientName.toLowerCase())
  if (isValidToolName(clientName) && (owner === undefined || owner === clientName)) return clientName
  const readable = clientName.replaceAll(/[^a-zA-Z0-9_-]/gu, '_') || 'tool'
  for (let attempt = 0; ; attempt += 1) {
    const mark = shortHash(attempt === 0 ? clientName : `${clientName}\u0000${attempt}`)
    const name = `${readable.slice(0, MAX_LENGTH - mark.length - 1)}_${mark}`
    if (!ownerOf.has(name.toLowerCase())) return name
  }
}
