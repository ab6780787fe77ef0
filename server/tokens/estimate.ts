import { asciiClass, scriptCost } from './character-weights.ts'
import { startState, transitions } from './class-automaton.ts'

/** Text longer than this (UTF-16 units) is estimated from samples, so that no text can hold the event loop up. */
const wholeTextLimit = 1_048_576
const sampleCount = 64
const sampleLength = wholeTextLimit / sampleCount

/** Counts the tokens of a text that arrives in pieces. */
export interface OutputCounter {
  /** Costs at most 2 to 4 ns a character; pieces may end anywhere. */
  add(text: string): void
  /** Whole tokens so far, rounded up. */
  tokens(): number
}

/**
 * A counter for one answer; remembers where the last piece ended, so that a word cut in two is one word. The first 16 KB
 * are counted in full; of what comes after, a quarter, in stretches of 1 KB: enough for an estimate, and cheap on answers
 * that never end.
 */
export function createOutputCounter(): OutputCounter {
  return new SamplingCounter()
}

/**
 * The estimated number of tokens in a text, a whole number: within about 10 % of a Claude vocabulary for code, English
 * and JSON, 25 % for Chinese and other scripts, and up to 40 % too low for other languages in Latin letters, which
 * can't be told from English without a dictionary. About 1 ms for 200 KB.
 */
export function estimateTokens(text: string): number {
  const counter = new CharacterClassCounter()
  if (text.length <= wholeTextLimit) {
    counter.add(text)
    return counter.tokens()
  }
  const step = (text.length - sampleLength) / (sampleCount - 1)
  for (let sample = 0; sample < sampleCount; sample += 1) {
    const from = Math.floor(sample * step)
    counter.add(text.slice(from, from + sampleLength))
  }
  return Math.ceil((counter.tokens() * text.length) / wholeTextLimit)
}

const countedInFull = 16_384
const samplingPeriod = 4_096
const stretch = 1_024

class SamplingCounter implements OutputCounter {
  readonly #counter = new CharacterClassCounter()
  #seen = 0
  #counted = 0

  add(text: string): void {
    const before = this.#seen
    this.#seen = before + text.length
    if (before >= countedInFull && before % samplingPeriod >= stretch) return
    this.#counter.add(text)
    this.#counted += text.length
  }

  tokens(): number {
    const tokens = this.#counter.tokens()
    return this.#counted === this.#seen ? tokens : Math.ceil((tokens * this.#seen) / this.#counted)
  }
}

class CharacterClassCounter {
  /** Thousandths of a token. */
  #total = 0
  #state = startState

  add(text: string): void {
    let total = this.#total
    let state = this.#state
    for (let index = 0; index < text.length; index += 1) {
      const unit = text.charCodeAt(index)
      if (unit >= 128) {
        total += scriptCost(unit)
        state = startState
        continue
      }
      const transition = transitions[state | (asciiClass[unit] as number)] as number
      total += transition & 0xffff
      state = transition >>> 16
    }
    this.#total = total
    this.#state = state
  }

  tokens(): number {
    return Math.ceil(this.#total / 1_000)
  }
}
