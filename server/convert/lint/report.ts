import { toProxyError } from '../../canonical/error.ts'
import type { Repair } from '../../canonical/repair.ts'
import type { CompletionRequest } from '../../canonical/request.ts'
import { encodeAmazonQRequest, type AmazonQEncodeContext } from '../upstream/amazon-q/encode-request.ts'
import { lintRules } from './rules.ts'

export interface LintReport {
  /** What would be changed before the request is sent. Empty where `refusal` is present. */
  readonly repairs: readonly Repair[]
  /** Why the request can't be sent at all. */
  readonly refusal?: { readonly message: string; readonly where?: string }
}

const CONTEXT: AmazonQEncodeContext = {
  conversationId: '00000000-0000-4000-8000-000000000000',
  origin: 'AI_EDITOR',
  cachePoints: true,
  includeAgentTaskType: true,
}

/** What the linter finds in a request, without sending it anywhere. */
export function lintReport(request: CompletionRequest): LintReport {
  try {
    return { repairs: encodeAmazonQRequest(request, CONTEXT).repairs }
  } catch (error) {
    const { message, param } = toProxyError(error)
    return { repairs: [], refusal: { message, ...(param === undefined ? {} : { where: param }) } }
  }
}

/** The report as text for a terminal, one line a finding. */
export function formatLintReport(report: LintReport): string {
  if (report.refusal !== undefined) {
    const { message, where } = report.refusal
    return `The request would be refused${where === undefined ? '' : ` (${where})`}.\n  ${message}\n`
  }
  if (report.repairs.length === 0) return 'The request is fine: nothing would be changed.\n'
  const lines = report.repairs.map((repair) => {
    const rule = lintRules.find((candidate) => candidate.name === repair.rule)
    const detail = repair.detail === undefined ? '' : ` (${repair.detail})`
    return `  ${repair.rule} at ${repair.where}${detail}\n    ${rule?.finds ?? ''} ${rule?.remedy ?? ''}`
  })
  const count = lines.length === 1 ? '1 change' : `${lines.length} changes`
  return `The request would be sent with ${count}:\n${lines.join('\n')}\n`
}
