import type { Repair } from '../../canonical/repair.ts'
import type { RuleName } from './rules.ts'

/** Collects the repairs of one request. */
export interface RepairLog {
  /** `where` is a path in the client's request, `detail` never content. */
  add(rule: RuleName, where: string, detail?: string): void
  /** The repairs in the order of their rules' first use. */
  list(): readonly Repair[]
}

// A client with 1,000 MCP tools would fill the log with the same line; the first places are what a person looks at.
const PLACES_PER_RULE = 3

/** A log that keeps the first places of each rule and counts the others, so that its size is bounded by the table. */
export function createRepairLog(): RepairLog {
  const byRule = new Map<RuleName, { readonly kept: Repair[]; more: number }>()
  return {
    add(rule, where, detail) {
      const entry = byRule.get(rule)
      const repair: Repair = detail === undefined ? { rule, where } : { rule, where, detail }
      if (entry === undefined) byRule.set(rule, { kept: [repair], more: 0 })
      else if (entry.kept.length < PLACES_PER_RULE) entry.kept.push(repair)
      else entry.more += 1
    },
    list() {
      const all: Repair[] = []
      for (const { kept, more } of byRule.values()) {
        all.push(...kept.slice(0, -1))
        const last = kept.at(-1)
        if (last !== undefined) all.push(more === 0 ? last : withMore(last, more))
      }
      return all
    },
  }
}

function withMore(repair: Repair, more: number): Repair {
  const rest = more === 1 ? 'and in 1 more place' : `and in ${more} more places`
  return { ...repair, detail: repair.detail === undefined ? rest : `${repair.detail}; ${rest}` }
}
