import { describe, expect, it } from 'vitest'
import { readCallback } from './callback.ts'
import { challengeOf, createPkce } from './kiro-auth.ts'
import { parseRegion, parseStartUrl } from './start-url.ts'
import { oidcBase } from './sso-oidc.ts'

function read(path: string): ReturnType<typeof readCallback> {
  return readCallback(new URL(path, 'http://localhost:3128'), 'state-1')
}

describe('callback', () => {
  it('reads a code, with the path that the exchange must repeat', () => {
    expect(read('/oauth/callback?login_option=google&code=abc&state=state-1')).toEqual({
      type: 'code',
      code: 'abc',
      redirectPath: '/oauth/callback?login_option=google',
    })
    expect(read('/oauth/callback?login_option=a%26b&code=abc&state=state-1')).toMatchObject({
      redirectPath: '/oauth/callback?login_option=a%26b',
    })
  })

  it('reads the choice of an AWS login', () => {
    const builder =
      '/signin/callback?login_option=builderid&issuer_url=https%3A%2F%2Fview.awsapps.com%2Fstart&state=state-1'
    expect(read(builder)).toEqual({
      type: 'aws',
      kind: 'builder-id',
      startUrl: 'https://view.awsapps.com/start',
      region: 'us-east-1',
    })
    const idc =
      '/signin/callback?login_option=awsidc&issuer_url=https%3A%2F%2Facme.awsapps.com%2Fstart&idc_region=eu-west-1&state=state-1'
    expect(read(idc)).toMatchObject({ kind: 'idc', startUrl: 'https://acme.awsapps.com/start', region: 'eu-west-1' })
  })

  it('reads a refusal and a problem', () => {
    expect(read('/oauth/callback?error=access_denied&state=state-1')).toMatchObject({ status: 'denied' })
    const problem = read('/signin/callback?error=server_error&error_description=Out%20of%20order&state=state-1')
    expect(problem).toMatchObject({ status: 'failed', reason: expect.stringContaining('Out of order') })
  })

  for (const path of [
    '/elsewhere?code=abc&state=state-1',
    '/oauth/callback?code=abc&state=state-2',
    '/oauth/callback?code=abc',
    '/oauth/callback?state=state-1',
    '/signin/callback?code=abc&state=state-1',
    '/signin/callback?issuer_url=https%3A%2F%2Fevil.example&state=state-1',
    '/signin/callback?issuer_url=https%3A%2F%2Facme.awsapps.com%2Fstart&idc_region=evil.example%2F&state=state-1',
  ]) {
    it(`refuses ${path}`, () => {
      expect(() => read(path)).toThrow(expect.objectContaining({ kind: 'invalid-request' }))
    })
  }
})

describe('start-url', () => {
  it('brings accepted forms to one spelling', () => {
    for (const text of [
      'https://acme.awsapps.com/start',
      ' https://acme.awsapps.com/start/ ',
      'https://acme.awsapps.com/start/#/',
    ]) {
      expect(parseStartUrl(text)).toBe('https://acme.awsapps.com/start')
    }
    const instance = 'https://identitycenter.amazonaws.com/ssoins-0123456789abcdef'
    expect(parseStartUrl(instance)).toBe(instance)
    expect(parseRegion(' EU-West-1')).toBe('eu-west-1')
    expect(parseRegion('us-gov-west-1')).toBe('us-gov-west-1')
  })

  it('refuses everything else', () => {
    for (const text of [
      '',
      'acme',
      'https://acme.awsapps.com',
      'https://acme.awsapps.com/start?x=1',
      'https://a@b.awsapps.com/start',
    ]) {
      expect(() => parseStartUrl(text)).toThrow(/start URL/u)
    }
    for (const text of ['', 'us', 'us-east-1.evil.example', 'us-east-1/', 'useast1']) {
      expect(() => parseRegion(text)).toThrow(/region/u)
    }
  })
})

describe('kiro-auth and sso-oidc', () => {
  it('makes a PKCE pair as RFC 7636 has it', () => {
    expect(challengeOf('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk')).toBe(
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    )
    const pkce = createPkce((size) => new Uint8Array(size).fill(7))
    expect(pkce.verifier).toMatch(/^[\w-]{43}$/u)
    expect(pkce.challenge).toBe(challengeOf(pkce.verifier))
  })

  it('takes the login service’s base or its /token', () => {
    expect(oidcBase('eu-west-1', undefined)).toBe('https://oidc.eu-west-1.amazonaws.com')
    expect(oidcBase('eu-west-1', 'http://127.0.0.1:9/oidc/token')).toBe('http://127.0.0.1:9/oidc')
    expect(oidcBase('eu-west-1', 'http://127.0.0.1:9/oidc/')).toBe('http://127.0.0.1:9/oidc')
    expect(oidcBase('eu-west-1', 'https://oidc.{region}.example')).toBe('https://oidc.eu-west-1.example')
  })
})
