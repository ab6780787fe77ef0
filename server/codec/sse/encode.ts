/**
 * One server-sent event with a name. `data` is JSON text, or any text; line breaks in it are kept by the format. `name`
 * must not hold a line break: it is always one of a dialect's own constants.
 */
export function sseEvent(name: string, data: string): string {
  return `event: ${name}\n${dataLines(data)}\n`
}

/** One server-sent event without a name, as OpenAI's dialects use it. */
export function sseData(data: string): string {
  return `${dataLines(data)}\n`
}

/** A comment, which readers skip: it keeps a silent connection alive. */
export function sseComment(text: string): string {
  return `: ${text.replaceAll(LINE_BREAK, ' ')}\n\n`
}

const LINE_BREAK = /\r\n|\r|\n/g

function dataLines(data: string): string {
  if (!data.includes('\n') && !data.includes('\r')) return `data: ${data}\n`
  return `data: ${data.replaceAll(LINE_BREAK, '\ndata: ')}\n`
}
