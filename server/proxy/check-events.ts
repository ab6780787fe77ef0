import { ProxyError } from '../canonical/error.ts'
import type { CompletionEvent } from '../canonical/event.ts'

/** Watches one stream. Call it with every batch, in order, and `end` when the stream is over. */
export interface EventChecker {
  /** Throws `ProxyError` of kind `upstream-invalid` when the batch breaks the contract in canonical/event.ts. */
  (events: readonly CompletionEvent[]): void
  /** Throws `ProxyError` of kind `upstream-invalid` when no `finish` came. */
  end(): void
}

type BlockKind = 'text' | 'reasoning' | 'tool' | 'foreign'

/**
 * A checker for one stream. It looks at the order of events only, in constant time and memory per event; that a tool
 * call's fragments are one JSON object is the decoder's promise (`collect` would find out). A tool block without any
 * fragment passes: its input is the empty object.
 */
export function createEventChecker(): EventChecker {
  let stage: 'before' | 'during' | 'after' = 'before'
  let open: BlockKind | undefined
  let openIndex = -1
  let hasDeltas = false

  function start(kind: BlockKind, index: number): void {
    if (open !== undefined) breach(`a ${kind} block began inside ${open} block ${openIndex}`)
    if (index !== openIndex + 1) breach(`block ${index} came where block ${openIndex + 1} was due`)
    open = kind
    openIndex = index
    hasDeltas = false
  }

  function within(kind: BlockKind, index: number): void {
    if (open !== kind || index !== openIndex) breach(`a piece of ${kind} block ${index} came outside that block`)
  }

  function checkOne(event: CompletionEvent): void {
    if (stage === 'after') breach(`"${event.type}" came after the end of the answer`)
    if (event.type === 'message-start') {
      if (stage === 'during') breach('the answer began twice')
      stage = 'during'
      return
    }
    if (stage === 'before') breach(`"${event.type}" came before the beginning of the answer`)
    switch (event.type) {
      case 'text-delta':
        return within('text', event.index)
      case 'reasoning-delta':
        hasDeltas = true
        return within('reasoning', event.index)
      case 'tool-delta':
        return within('tool', event.index)
      case 'text-start':
        return start('text', event.index)
      case 'reasoning-start':
        return start('reasoning', event.index)
      case 'tool-start':
        return start('tool', event.index)
      case 'text-end':
        within('text', event.index)
        open = undefined
        return
      case 'reasoning-end':
        within('reasoning', event.index)
        if (event.redacted !== undefined && hasDeltas) breach('a redacted reasoning block had readable text')
        open = undefined
        return
      case 'tool-end':
        within('tool', event.index)
        open = undefined
        return
      case 'foreign':
        start('foreign', event.index)
        open = undefined
        return
      case 'usage':
        return
      case 'finish':
        if (open !== undefined) breach(`the answer ended inside ${open} block ${openIndex}`)
        stage = 'after'
        return
    }
  }

  const check = (events: readonly CompletionEvent[]): void => {
    if (events.length === 0) breach('an empty batch of events came')
    for (const event of events) checkOne(event)
  }
  return Object.assign(check, {
    end(): void {
      if (stage !== 'after') breach('it ended without saying that it was complete')
    },
  })
}

function breach(what: string): never {
  throw new ProxyError(
    'upstream-invalid',
    `The upstream's answer made no sense: ${what}. This is no fault of your request; try again, and report it if it comes back.`,
  )
}
