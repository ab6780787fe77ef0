/**
 * Looks every `everyMs` whether `isIdle`, and does `action` once when it is. Never keeps the process alive. Returns what
 * calls it off.
 */
export function whenIdle(everyMs: number, isIdle: () => boolean, action: () => void): () => void {
  const timer = setInterval(() => {
    if (!isIdle()) return
    clearInterval(timer)
    action()
  }, everyMs).unref()
  return () => clearInterval(timer)
}
