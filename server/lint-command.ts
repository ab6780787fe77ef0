import { readFile } from 'node:fs/promises'
import { text as textOf } from 'node:stream/consumers'
import { ProxyError } from './canonical/error.ts'
import { isJsonObject } from './canonical/json.ts'
import { decodeMessagesRequest } from './convert/client/anthropic/decode-request.ts'
import { formatLintReport, lintReport } from './convert/lint/report.ts'

/**
 * `headless.ts lint FILE` (`-`: standard input): prints what would be repaired in a saved Messages request, or why it
 * would be refused. The file holds the request's body, or an object whose `body` is one. Resolves with the exit code:
 * 0 fine or repairable, 1 refused, 2 not readable.
 */
export async function lintCommand(argv: readonly string[]): Promise<number> {
  const [file, ...rest] = argv
  if (file === undefined || rest.length > 0) {
    process.stderr.write(
      'Usage: node server/headless.ts lint FILE   (a saved /v1/messages request; - reads standard input)\n',
    )
    return 2
  }
  const body = await readBody(file)
  if (typeof body === 'string') {
    process.stderr.write(`${body}\n`)
    return 2
  }
  try {
    const report = lintReport(decodeMessagesRequest(body.value, {}))
    process.stdout.write(formatLintReport(report))
    return report.refusal === undefined ? 0 : 1
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error
    const where = error.param === undefined ? '' : ` (${error.param})`
    process.stdout.write(`The request would be refused${where}.\n  ${error.message}\n`)
    return 1
  }
}

/** The body, or a sentence that says why there is none. */
async function readBody(file: string): Promise<{ readonly value: unknown } | string> {
  let text: string
  try {
    text = file === '-' ? await textOf(process.stdin) : await readFile(file, 'utf8')
  } catch (error) {
    return `${file} can't be read: ${error instanceof Error ? error.message : String(error)}`
  }
  try {
    const value: unknown = JSON.parse(text)
    return { value: isJsonObject(value) && isJsonObject(value['body']) ? value['body'] : value }
  } catch {
    return `${file} is not valid JSON. Save the request's body as it was sent, not a log line.`
  }
}
