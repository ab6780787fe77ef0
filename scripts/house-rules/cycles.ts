/**
 * Every group of modules that import each other in a circle, each reported once as one shortest way round, starting
 * with its first path by name. `edges`: module → modules it imports.
 */
export function findCycles(edges: ReadonlyMap<string, readonly string[]>): readonly (readonly string[])[] {
  return groups(edges)
    .map((group) => wayRound(group.toSorted()[0] ?? '', new Set(group), edges))
    .toSorted((a, b) => ((a[0] ?? '') < (b[0] ?? '') ? -1 : 1))
}

/** Strongly connected groups of more than one module, or of one that imports itself (Tarjan, without recursion). */
function groups(edges: ReadonlyMap<string, readonly string[]>): string[][] {
  const order = new Map<string, number>()
  const lowest = new Map<string, number>()
  const stack: string[] = []
  const onStack = new Set<string>()
  const found: string[][] = []

  for (const root of edges.keys()) {
    if (order.has(root)) continue
    const work: { readonly node: string; next: number }[] = [{ node: root, next: 0 }]
    while (work.length > 0) {
      const frame = work[work.length - 1]
      if (frame === undefined) break
      const { node } = frame
      if (frame.next === 0) {
        order.set(node, order.size)
        lowest.set(node, order.get(node) ?? 0)
        stack.push(node)
        onStack.add(node)
      }
      const child = edges.get(node)?.[frame.next]
      frame.next += 1
      if (child !== undefined) {
        if (!order.has(child) && edges.has(child)) work.push({ node: child, next: 0 })
        else if (onStack.has(child)) lower(lowest, node, order.get(child))
        continue
      }
      work.pop()
      const parent = work[work.length - 1]
      if (parent !== undefined) lower(lowest, parent.node, lowest.get(node))
      if (lowest.get(node) !== order.get(node)) continue
      const group = stack.splice(stack.indexOf(node))
      for (const member of group) onStack.delete(member)
      if (group.length > 1 || edges.get(node)?.includes(node) === true) found.push(group)
    }
  }
  return found
}

function lower(lowest: Map<string, number>, node: string, candidate: number | undefined): void {
  lowest.set(node, Math.min(lowest.get(node) ?? 0, candidate ?? Number.POSITIVE_INFINITY))
}

/** The shortest path from `start` back to itself inside `members`, by breadth first. */
function wayRound(
  start: string,
  members: ReadonlySet<string>,
  edges: ReadonlyMap<string, readonly string[]>,
): string[] {
  const queue: string[][] = [[start]]
  const seen = new Set<string>()
  for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
    for (const child of edges.get(path[path.length - 1] ?? '') ?? []) {
      if (child === start) return path
      if (!members.has(child) || seen.has(child)) continue
      seen.add(child)
      queue.push([...path, child])
    }
  }
  return [start]
}
