/** What is known of a closing tag in a piece of thinking. */
export type ClosingTag =
  | { readonly kind: 'found'; readonly before: string; readonly after: string }
  /** `safe`: how many characters can't belong to a closing tag, whatever comes next. */
  | { readonly kind: 'none'; readonly safe: number }

const CLOSING = '</thinking>'
/** Longer runs of white space are given up rather than held back without bound. */
const MAX_SPACE = 64

/**
 * Looks for the tag that ends thinking: it counts when a blank line follows, or nothing but white space up to the end,
 * and not when a back-tick stands before it (amazon-q.md §2.8). `previous` is the character before `text`.
 */
export function findClosingTag(text: string, previous: string, atEnd: boolean): ClosingTag {
  for (let at = text.indexOf(CLOSING); at !== -1; at = text.indexOf(CLOSING, at + 1)) {
    const before = at === 0 ? previous : text.charAt(at - 1)
    if (before === '`') continue
    const afterTag = at + CLOSING.length
    const next = followingBlankLine(text, afterTag, atEnd)
    if (next === 'unknown') return { kind: 'none', safe: withoutLineEnds(text, at) }
    if (next !== undefined) {
      return { kind: 'found', before: text.slice(0, withoutLineEnds(text, at)), after: text.slice(next) }
    }
  }
  return { kind: 'none', safe: withoutLineEnds(text, text.length - lengthOfBeginning(text)) }
}

/** Where the text goes on after a blank line; `undefined`: something else follows. */
function followingBlankLine(text: string, from: number, atEnd: boolean): number | 'unknown' | undefined {
  let lineEnds = 0
  let index = from
  while (index < text.length && index - from < MAX_SPACE && lineEnds < 2) {
    const character = text.charAt(index)
    if (character === '\n') lineEnds += 1
    else if (character !== ' ' && character !== '\t' && character !== '\r') return undefined
    index += 1
  }
  if (lineEnds === 2) return index
  if (index < text.length) return undefined
  return atEnd ? index : 'unknown'
}

/** `end` moved before the line ends that stand there: they belong to a tag on a line of its own. */
function withoutLineEnds(text: string, end: number): number {
  let index = end
  while (index > 0 && end - index < MAX_SPACE && isLineEnd(text.charCodeAt(index - 1))) index -= 1
  return index
}

function isLineEnd(character: number): boolean {
  return character === 0x0a || character === 0x0d
}

/** How many characters at the end of the text may be the beginning of a closing tag. */
function lengthOfBeginning(text: string): number {
  for (let length = Math.min(CLOSING.length - 1, text.length); length > 0; length -= 1) {
    if (CLOSING.startsWith(text.slice(text.length - length))) return length
  }
  return 0
}
