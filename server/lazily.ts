/** The same work done at most once, when first asked for; a failure is forgotten, so that the next call tries again. */
export function lazily<Arguments extends readonly unknown[], Result>(
  make: (...given: Arguments) => Promise<Result>,
): (...given: Arguments) => Promise<Result> {
  let made: Promise<Result> | undefined
  return (...given) => {
    made ??= make(...given).catch((error: unknown) => {
      made = undefined
      throw error
    })
    return made
  }
}
