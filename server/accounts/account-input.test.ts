import { describe, expect, it } from 'vitest'
import { ProxyError } from '../canonical/error.ts'
import { storedAccount } from '../../tests/support/accounts/fixtures.ts'
import { apiRegionOf, authMethodOf, checkCredentials, toStoredAccount, withoutSecrets } from './account-input.ts'
import type { NewAccount } from './account-input.ts'

describe('account-input', () => {
  const methods: [string, Partial<NewAccount>, string][] = [
    ['a refresh token alone', { refreshToken: 'r' }, 'social'],
    ['a registration', { refreshToken: 'r', clientId: 'c', clientSecret: 's' }, 'builder-id'],
    [
      'a registration with the Builder ID start URL',
      { refreshToken: 'r', clientId: 'c', clientSecret: 's', startUrl: 'https://view.awsapps.com/start/#/' },
      'builder-id',
    ],
    [
      'a registration with an organisation’s start URL',
      { refreshToken: 'r', clientId: 'c', clientSecret: 's', startUrl: 'https://acme.awsapps.com/start' },
      'idc',
    ],
    ['an API key', { apiKey: 'ksk_1' }, 'api-key'],
    ['a token endpoint', { refreshToken: 'r', other: { tokenEndpoint: 'https://login.example' } }, 'external-idp'],
    ['what is said', { refreshToken: 'r', clientId: 'c', clientSecret: 's', authMethod: 'idc' }, 'idc'],
    ['an access token alone', { accessToken: 'a' }, 'social'],
    ['an access token alone of Amazon Q', { type: 'amazonq', accessToken: 'a' }, 'builder-id'],
    [
      'an access token with the start URL',
      { accessToken: 'a', clientId: 'c', startUrl: 'https://acme.awsapps.com/start' },
      'idc',
    ],
  ]
  for (const [name, account, method] of methods) {
    it(`tells ${method} from ${name}`, () => {
      expect(authMethodOf({ type: 'kiro', ...account })).toBe(method)
    })
  }

  const refused: [string, Omit<NewAccount, 'type'>, string][] = [
    ['no credentials', {}, 'refreshToken'],
    ['a client id without its secret', { refreshToken: 'r', clientId: 'c' }, 'clientSecret'],
    ['a secret without its client id', { refreshToken: 'r', clientSecret: 's' }, 'clientId'],
    ['a kind of sign-in without its registration', { refreshToken: 'r', authMethod: 'idc' }, 'clientId'],
    [
      'an external sign-in without its address',
      { refreshToken: 'r', authMethod: 'external-idp' },
      'other.tokenEndpoint',
    ],
    ['an API key that is not there', { refreshToken: 'r', authMethod: 'api-key' }, 'apiKey'],
  ]
  for (const [name, account, param] of refused) {
    it(`refuses ${name} at ${param}`, () => {
      expect(() => authMethodOf({ type: 'kiro', ...account })).toThrow(expect.objectContaining({ param }))
    })
  }

  it('refuses credentials that were cut off in copying', () => {
    for (const refreshToken of ['', 'aor-1...', 'aor 1', 'aor-1…', 'x'.repeat(70_000)]) {
      expect(() => checkCredentials({ refreshToken })).toThrow(ProxyError)
    }
    expect(() => checkCredentials({ refreshToken: 'aor-1:2+3/4=' })).not.toThrow()
  })

  it('finds the region of the API', () => {
    expect(apiRegionOf('arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABCDEFGHIJKL', 'us-east-1')).toBe(
      'eu-central-1',
    )
    expect(apiRegionOf(null, 'eu-west-3')).toBe('eu-central-1')
    expect(apiRegionOf(null, 'ap-south-1')).toBe('us-east-1')
    expect(apiRegionOf(undefined, null)).toBe('us-east-1')
  })

  it('names an account that has no name, and reads region and start URL from the older field', () => {
    const context = { id: 'n', now: 5, existing: [storedAccount('a', { label: 'Kiro' })] }
    const other = { region: 'eu-west-1', startUrl: 'https://acme.awsapps.com/start', apiKey: 'sk', rpm: 4 }
    const row = toStoredAccount({ type: 'kiro', refreshToken: 'r', clientId: 'c', clientSecret: 's', other }, context)
    expect(row).toMatchObject({ label: 'Kiro 2', ssoRegion: 'eu-west-1', authMethod: 'idc', apiRegion: 'eu-central-1' })
    expect(row.other).toEqual({ region: 'eu-west-1', startUrl: 'https://acme.awsapps.com/start', rpm: 4 })
    expect(JSON.stringify(row)).not.toContain('"sk"')
    expect(withoutSecrets({ accessToken: 'a', refreshToken: 'b', clientSecret: 'c', apiKey: 'd', x: 1 })).toEqual({
      x: 1,
    })
  })
})
