import { invalid } from '../account-input.ts'

/**
 * A start URL of IAM Identity Center in its one canonical spelling (amazon-q.md §1.3). Throws `invalid-request` with the
 * accepted forms otherwise.
 */
export function parseStartUrl(text: string): string {
  const url = text.trim().replace(/[#/]+$/u, '')
  const isPortal = /^https:\/\/[a-z0-9][a-z0-9-]{0,62}\.awsapps\.com\/start$/iu.test(url)
  const isInstance = /^https:\/\/identitycenter\.amazonaws\.com\/ssoins-[0-9a-f]{16}$/iu.test(url)
  if (isPortal || isInstance) return url
  throw invalid(
    'startUrl',
    'This is not a start URL of IAM Identity Center. It looks like https://your-company.awsapps.com/start or https://identitycenter.amazonaws.com/ssoins-… with 16 hex digits; your administrator or the AWS access portal shows it.',
  )
}

/** A region's name, e.g. `eu-west-1`. Throws `invalid-request` for what can not be one. */
export function parseRegion(text: string): string {
  const region = text.trim().toLowerCase()
  // It becomes part of a host name: nothing else may get in.
  if (/^[a-z]{2}(?:-[a-z]{2,12}){1,2}-\d{1,2}$/u.test(region)) return region
  throw invalid('region', 'This is not an AWS region. It looks like us-east-1 or eu-central-1.')
}
