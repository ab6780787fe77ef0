import { answerHtml, type Exchange } from './exchange.ts'
import { faultNames } from './faults.ts'
import { escapeHtml, page } from './login/pages.ts'
import { scenarioNames } from './scenarios/index.ts'

/** `GET /`: what this is, for a person who opens the address. */
export function showStartPage(exchange: Exchange): void {
  const { environment } = exchange.world.simulator ?? {}
  const lines = Object.entries(environment ?? {}).map(([name, value]) => `${name}=${value}`)
  const list = (names: readonly string[]): string => names.map((name) => `<code>${name}</code>`).join(', ')
  answerHtml(
    exchange,
    200,
    page(
      'Culvert simulator',
      '<p>It stands in for Amazon Q, Kiro and their sign-in. Point Culvert at it with:</p>' +
        `<pre style="overflow:auto">${escapeHtml(lines.join('\n'))}</pre>` +
        '<p>Choose an answer by writing <code>[[scenario:NAME]]</code> into a message:</p>' +
        `<p>${list(scenarioNames)}</p>` +
        '<p>Or a failure with <code>[[fault:NAME]]</code>:</p>' +
        `<p>${list(faultNames)}</p>`,
    ),
  )
}
