import { ProxyError } from '../../../canonical/error.ts'

/** The body ended in good order, but none of the events came that end every answer (amazon-q.md §3.3 "Order"). */
export function cutAnswer(): ProxyError {
  return new ProxyError(
    'upstream-invalid',
    'The service closed the connection before its answer was complete: the closing events are missing. The fault is ' +
      "the service's; try again.",
  )
}

/** A 200 without any content (amazon-q.md §3.4, 6). */
export function emptyAnswer(): ProxyError {
  return new ProxyError(
    'empty-response',
    "The service answered without any content. The fault is the service's; try again.",
  )
}

/** The window is full before a word of the answer fits. */
export function tooLongForAnswer(): ProxyError {
  return new ProxyError(
    'prompt-too-long',
    'The conversation fills the context window of the model, so that no answer fits. Shorten or compact the ' +
      'conversation and try again.',
  )
}
