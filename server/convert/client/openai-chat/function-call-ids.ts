/** Ids for calls of the older `function_call` form, which has none: a result follows its call and names the function. */
export interface FunctionCallIds {
  /** The id of the next call. */
  call(name: string): string
  /** The id of the newest call of that name that has no result yet, or one that belongs to no call. */
  answer(name: string): string
}

/** Ids for the calls of one conversation: the same on every turn. */
export function createFunctionCallIds(): FunctionCallIds {
  const open = new Map<string, string>()
  let count = 0
  const next = () => `call_function_${(count += 1)}`
  return {
    call(name) {
      const id = next()
      open.set(name, id)
      return id
    },
    answer(name) {
      const id = open.get(name)
      open.delete(name)
      return id ?? next()
    },
  }
}
