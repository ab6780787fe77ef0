import { shortHash } from '../../history/short-hash.ts'

/** From a name as Gemini knows it to the client's name; holds only names that differ. */
export type ToolNameMap = ReadonlyMap<string, string>

const VALID_NAME = /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/u
const MAX_LENGTH = 64

/** Gives every tool a name that Gemini accepts and that no other tool has (gemini.md §4.3). */
export interface ToolNames {
  /** The same for the same client's name, whether declared or only met in the history. */
  encode(clientName: string): string
  readonly map: ToolNameMap
}

/** `clientNames`: the declared ones, so that a well-formed name is never given to another tool. */
export function createToolNames(clientNames: readonly string[]): ToolNames {
  const taken = new Set(clientNames.filter((name) => VALID_NAME.test(name)))
  const known = new Map<string, string>()
  const map = new Map<string, string>()
  return {
    map,
    encode(clientName) {
      const before = known.get(clientName)
      if (before !== undefined) return before
      const name = VALID_NAME.test(clientName) ? clientName : freeName(clientName, taken)
      taken.add(name)
      known.set(clientName, name)
      if (name !== clientName) map.set(name, clientName)
      return name
    },
  }
}

function freeName(clientName: string, taken: ReadonlySet<string>): string {
  const replaced = clientName.replaceAll(/[^a-zA-Z0-9_.:-]/gu, '_')
  const readable = (/^[a-zA-Z_]/u.test(replaced) ? replaced : `_${replaced}`).slice(0, MAX_LENGTH)
  if (!taken.has(readable)) return readable
  for (let attempt = 0; ; attempt += 1) {
    const mark = shortHash(`${clientName}\u0000${attempt}`)
    const name = `${readable.slice(0, MAX_LENGTH - mark.length - 1)}_${mark}`
    if (!taken.has(name)) return name
  }
}
