/**
 * Anything but what may stand in JSON and in a `data:` line as it is. What is left out of the set: quotes, backslashes,
 * control characters, lone surrogates (which UTF-8 can't carry), and Unicode's line ends U+0085, U+2028 and U+2029.
 */
const special = /[^ !#-[\]-\u0084\u0086-\u2027\u202a-\ud7ff\ue000-\u{10ffff}]/u
const lineEnds = /[\u0085\u2028\u2029]/gu

/**
 * A string as JSON text for one line of a stream. Unicode's line ends are escaped too, because some clients split their
 * input there. Testing first costs 46 ns for an ordinary delta against 80 ns for `JSON.stringify` alone, and nothing
 * measurable for the others.
 */
export function jsonString(text: string): string {
  return special.test(text) ? jsonLine(text) : `"${text}"`
}

/** Any value as JSON text for one line of a stream. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(lineEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
