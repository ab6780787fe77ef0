import { formatTable } from '../lib/table.ts'

/** One measured thing, as a line of the report. */
export interface Figure {
  readonly name: string
  /** What the bare relay needed; '' where nothing of it compares. */
  readonly reference: string
  readonly own: string
  /** The two against each other, in the form of the target. */
  readonly compared: string
  readonly target?: string
  /** Whether the target is met; absent: there is none. */
  readonly isMet?: boolean
}

/** The figures as text, each with its target and PASS or FAIL beside it. */
export function formatFigures(title: string, figures: readonly Figure[]): string {
  return formatTable(
    [title, 'bare relay', 'Culvert', 'compared', 'target', ''],
    figures.map(({ name, reference, own, compared, target = '', isMet }) => [
      name,
      reference,
      own,
      compared,
      target,
      isMet === undefined ? '' : isMet ? 'PASS' : 'FAIL',
    ]),
  )
}

/** `12.3 ms`, with as many digits as carry meaning. */
export function formatMs(milliseconds: number): string {
  return `${milliseconds.toFixed(milliseconds < 10 ? 2 : milliseconds < 100 ? 1 : 0)} ms`
}

/** `123 MB` of 1,000,000 bytes. */
export function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`
}
