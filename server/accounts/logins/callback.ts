import { timingSafeEqual } from 'node:crypto'
import { invalid } from '../account-input.ts'
import { parseRegion, parseStartUrl } from './start-url.ts'
import { BUILDER_ID_START_URL, isBuilderId } from '../account-input.ts'
import { shortText } from '../sign-in-error.ts'

/** What the browser brought back from Kiro's sign-in page (amazon-q.md §1.5 flow (a), step 4). */
export type Callback =
  | { readonly type: 'code'; readonly code: string; readonly redirectPath: string }
  | { readonly type: 'aws'; readonly kind: 'builder-id' | 'idc'; readonly startUrl: string; readonly region: string }
  | { readonly type: 'refused'; readonly status: 'denied' | 'failed'; readonly reason: string }

/**
 * Reads a callback address. Throws `invalid-request` for an address that is not one, or one of another login (`state`
 * differs).
 */
export function readCallback(url: URL, expectedState: string): Callback {
  const isCode = url.pathname === '/oauth/callback'
  if (!isCode && url.pathname !== '/signin/callback') {
    throw invalid(
      'url',
      'This is not the address that the sign-in ends at. Copy the whole address line of the last page.',
    )
  }
  const query = url.searchParams
  if (!equals(query.get('state') ?? '', expectedState)) {
    throw invalid('url', 'This address belongs to another sign-in. Use the page that this sign-in opened.')
  }
  const error = query.get('error')
  if (error !== null) {
    const detail = shortText(query.get('error_description') ?? error)
    return error === 'access_denied'
      ? { type: 'refused', status: 'denied', reason: 'The sign-in was refused in the browser.' }
      : {
          type: 'refused',
          status: 'failed',
          reason: `The sign-in page reported a problem: “${detail}”. Start it again.`,
        }
  }
  const option = query.get('login_option') ?? ''
  const code = query.get('code')
  if (isCode && code !== null && code !== '' && code.length <= 4_096) {
    return { type: 'code', code, redirectPath: `${url.pathname}?login_option=${encodeURIComponent(option)}` }
  }
  const issuer = query.get('issuer_url')
  if (issuer === null) {
    throw invalid(
      'url',
      'The address holds neither a code nor a login service. Copy the whole address line of the last page.',
    )
  }
  const region = parseRegion(query.get('idc_region') ?? 'us-east-1')
  return isBuilderId(issuer)
    ? { type: 'aws', kind: 'builder-id', startUrl: BUILDER_ID_START_URL, region }
    : { type: 'aws', kind: 'idc', startUrl: parseStartUrl(issuer), region }
}

function equals(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
