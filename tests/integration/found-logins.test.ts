import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type IssuedAccount, type Simulator, startSimulator } from '../../simulator/index.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

interface Found {
  readonly id: string
  readonly source: string
  readonly imported: boolean
  readonly accountId: string | null
}

interface ReadAccount {
  readonly id: string
  readonly status: string
  readonly status_reason: string | null
  readonly other: object
}

const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString()

let simulator: Simulator
let culvert: CulvertProcess
let home: string
let social: IssuedAccount
let organisation: IssuedAccount
let builder: IssuedAccount

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(async () => {
  simulator.reset()
  home = await mkdtemp(join(tmpdir(), 'culvert-home-'))
  social = simulator.issueAccount({ kind: 'social' })
  organisation = simulator.issueAccount({ kind: 'idc' })
  builder = simulator.issueAccount({ kind: 'builder-id' })
  await writeKiroIde(social)
  await writeKiroCli(organisation)
  await writeToolkit(builder)
  const environment = {
    ...simulator.environment,
    HOME: home,
    XDG_DATA_HOME: '',
    ADMIN_TOKEN: 'the-admin-token-of-this-test',
  }
  culvert = await startCulvert({ environment })
})

afterEach(async () => {
  await stopAllCulverts()
  await rm(home, { recursive: true, force: true })
})

async function put(path: string, text: string): Promise<string> {
  const file = join(home, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
  return file
}

async function writeKiroIde({ accessToken, refreshToken, profileArn }: IssuedAccount): Promise<void> {
  const token = {
    accessToken,
    refreshToken,
    profileArn,
    expiresAt: inAnHour(),
    authMethod: 'social',
    provider: 'Google',
  }
  await put('.aws/sso/cache/kiro-auth-token.json', JSON.stringify(token))
}

async function writeKiroCli(issued: IssuedAccount): Promise<void> {
  const { clientId, clientSecret, region } = issued
  const token = {
    access_token: issued.accessToken,
    refresh_token: issued.refreshToken,
    expires_at: inAnHour(),
    region,
    start_url: issued.startUrl,
  }
  const database = new Database(await put('.local/share/kiro-cli/data.sqlite3', ''))
  database.exec(
    'create table auth_kv (key text primary key, value text); create table state (key text primary key, value blob)',
  )
  const insert = database.prepare('insert into auth_kv values (?, ?)')
  insert.run('kirocli:odic:token', JSON.stringify(token))
  insert.run(
    'kirocli:odic:device-registration',
    JSON.stringify({ client_id: clientId, client_secret: clientSecret, region }),
  )
  database
    .prepare('insert into state values (?, ?)')
    .run('api.codewhisperer.profile', JSON.stringify({ arn: issued.profileArn, profile_name: 'x' }))
  database.close()
}

async function writeToolkit({ accessToken, refreshToken, clientId, clientSecret, startUrl, region }: IssuedAccount) {
  const scopes = ['codewhisperer:completions', 'codewhisperer:conversations']
  const token = { accessToken, refreshToken, clientId, clientSecret, startUrl, region, scopes, expiresAt: inAnHour() }
  await put('.aws/sso/cache/0123456789abcdef0123456789abcdef01234567.json', JSON.stringify(token))
}

async function found(): Promise<readonly Found[]> {
  return ((await culvert.admin('GET', '/v2/auth/found')) as { logins: readonly Found[] }).logins
}

async function importFrom(source: string): Promise<ReadAccount> {
  const login = (await found()).find((each) => each.source === source)
  return (await culvert.admin('POST', `/v2/auth/found/${login?.id}/import`)) as ReadAccount
}

async function read(id: string): Promise<ReadAccount> {
  return (await culvert.admin('GET', `/v2/accounts/${id}`)) as ReadAccount
}

/** Renews the login of the Kiro IDE as the IDE itself does, which makes the older refresh token useless. */
async function rotateInKiro(): Promise<void> {
  const response = await fetch(`${simulator.environment.KIRO_AUTH_ENDPOINT}/refreshToken`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refreshToken: social.refreshToken }),
  })
  const renewed = (await response.json()) as { accessToken: string; refreshToken: string }
  expect(renewed.refreshToken).not.toBe(social.refreshToken)
  await writeKiroIde({ ...social, ...renewed })
}

describe('sign-ins found on this computer', () => {
  it('are listed without their tokens, imported, and answer', async () => {
    const logins = await found()
    expect(logins).toMatchObject([
      {
        source: 'kiro-ide',
        program: 'Kiro',
        method: 'social',
        path: join(home, '.aws/sso/cache/kiro-auth-token.json'),
        imported: false,
        accountId: null,
        warning: expect.stringMatching(/share one sign-in.*separately.*\.$/u),
      },
      { source: 'kiro-cli', method: 'idc', startUrl: organisation.startUrl, imported: false },
      { source: 'aws-toolkit', method: 'builder-id', startUrl: builder.startUrl, imported: false },
    ])
    const text = JSON.stringify(logins)
    for (const { accessToken, refreshToken, clientSecret } of [social, organisation, builder]) {
      for (const secret of [accessToken, refreshToken, clientSecret].filter((each) => each !== '')) {
        expect(text).not.toContain(secret)
      }
    }
    for (const source of ['kiro-ide', 'kiro-cli', 'aws-toolkit']) {
      const account = await importFrom(source)
      expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toMatchObject({ ok: true, error: null })
      expect((await found()).find((each) => each.source === source)).toMatchObject({
        imported: true,
        accountId: account.id,
      })
    }
    expect(await culvert.admin('GET', '/v2/accounts')).toMatchObject({ count: 3 })
    // On another computer the same place holds another sign-in.
    const exported = JSON.stringify(await culvert.admin('POST', '/v2/accounts/export', { plain: true }))
    expect(exported).toContain(social.refreshToken)
    expect(exported).not.toContain('kiro-ide')
    expect(exported).not.toContain(home)
  })

  it('are added once, however often they are asked for', async () => {
    const id = (await found())[0]?.id
    const call = () => culvert.admin('POST', `/v2/auth/found/${id}/import`).then(() => 'added', String)
    const outcomes = await Promise.all([call(), call(), call()])
    expect(outcomes.filter((outcome) => outcome === 'added')).toHaveLength(1)
    await expect(call()).resolves.toMatch(/answered 409.*here already.*Kiro \(imported\)/u)
    await expect(culvert.admin('POST', '/v2/auth/found/kiro-ide-0/import')).rejects.toThrow(
      /answered 404.*no longer on/u,
    )
    expect(await culvert.admin('GET', '/v2/accounts')).toMatchObject({ count: 1 })
  })

  it('are read again once when the other program has renewed them', async () => {
    const account = await importFrom('kiro-ide')
    await rotateInKiro()
    simulator.expireAccessTokens()
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toMatchObject({ ok: true })
    expect(await read(account.id)).toMatchObject({ status: 'ready', last_refresh_status: 'success' })
  })

  it('bring a new registration along', async () => {
    const account = await importFrom('kiro-cli')
    simulator.revokeRefreshToken(organisation.id)
    simulator.expireAccessTokens()
    const { startUrl, profileArn } = organisation
    const again = simulator.issueAccount({ kind: 'idc', ...(startUrl === undefined ? {} : { startUrl }) })
    expect(again.clientId).not.toBe(organisation.clientId)
    await rm(join(home, '.local/share/kiro-cli/data.sqlite3'))
    await writeKiroCli({ ...again, ...(profileArn === undefined ? {} : { profileArn }) })
    await culvert.admin('POST', `/v2/accounts/${account.id}/test`)
    expect(await read(account.id)).toMatchObject({ last_refresh_status: 'success' })
  })

  it('need a sign-in of their own when the other program has left nothing newer', async () => {
    const account = await importFrom('kiro-ide')
    simulator.revokeRefreshToken(social.id)
    simulator.expireAccessTokens()
    const sentence =
      /^Kiro and “Kiro \(imported\)” shared one sign-in, and Kiro has signed Culvert out.*sign-in of its own/u
    expect(await culvert.admin('POST', `/v2/accounts/${account.id}/test`)).toMatchObject({
      ok: false,
      error: expect.stringMatching(sentence),
    })
    expect(await read(account.id)).toMatchObject({
      status: 'sign-in-needed',
      status_reason: expect.stringMatching(sentence),
    })
  })

  it('are not taken over from another organisation that has signed in there since', async () => {
    const account = await importFrom('kiro-cli')
    simulator.revokeRefreshToken(organisation.id)
    simulator.expireAccessTokens()
    await rm(join(home, '.local/share/kiro-cli/data.sqlite3'))
    await writeKiroCli(simulator.issueAccount({ kind: 'idc', startUrl: 'https://other.awsapps.com/start' }))
    await culvert.admin('POST', `/v2/accounts/${account.id}/test`)
    expect(await read(account.id)).toMatchObject({ status: 'sign-in-needed' })
  })

  it('are no longer shared after a sign-in of their own', async () => {
    const account = await importFrom('aws-toolkit')
    const login = (await culvert.admin('POST', '/v2/auth/start', { accountId: account.id })) as Record<string, string>
    simulator.approve(login['userCode'] ?? '', builder.id)
    await culvert.admin('POST', `/v2/auth/claim/${login['authId']}`)
    expect(await read(account.id)).toMatchObject({ status: 'ready', other: {} })
    expect((await found()).find((each) => each.source === 'aws-toolkit')).toMatchObject({ imported: false })
  })
})
