import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StoredAccount } from '../../store/types.ts'
import { storedAccount } from '../../../tests/support/accounts/fixtures.ts'
import type { NewAccount } from '../account-service.ts'
import { createFoundLogins } from './import-found.ts'
import type { FoundLogins } from './import-found.ts'

let home: string
let added: NewAccount[]

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'culvert-home-'))
  added = []
})

afterEach(() => rm(home, { recursive: true }))

function logins(platform: NodeJS.Platform = 'linux', environment: Record<string, string> = {}): FoundLogins {
  const add = (account: NewAccount): Promise<StoredAccount> => {
    added.push(account)
    return Promise.resolve(storedAccount('new'))
  }
  return createFoundLogins({ accounts: { add }, home, platform, environment })
}

async function put(path: string, value: unknown): Promise<string> {
  const file = join(home, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value))
  return file
}

async function putDatabase(path: string, rows: Record<string, unknown>, profileArn?: string): Promise<string> {
  const file = await put(path, '')
  const database = new Database(file)
  database.exec(
    'CREATE TABLE auth_kv (key TEXT PRIMARY KEY, value TEXT); CREATE TABLE state (key TEXT PRIMARY KEY, value BLOB)',
  )
  const insert = database.prepare('INSERT INTO auth_kv VALUES (?, ?)')
  for (const [key, value] of Object.entries(rows)) insert.run(key, JSON.stringify(value))
  if (profileArn !== undefined) {
    const value = Buffer.from(JSON.stringify({ arn: profileArn, profile_name: 'x' }))
    database.prepare('INSERT INTO state VALUES (?, ?)').run('api.codewhisperer.profile', value)
  }
  database.close()
  return file
}

const cliToken = {
  access_token: 'aoa-cli',
  refresh_token: 'aor-cli',
  expires_at: '2027-01-02T03:04:05Z',
  region: 'eu-west-1',
  start_url: 'https://acme.awsapps.com/start',
  oauth_flow: 'DeviceCode',
}
const cliRegistration = { client_id: 'cli-client', client_secret: 'cli-secret', region: 'eu-west-1' }
const arn = 'arn:aws:codewhisperer:eu-central-1:123456789012:profile/ABCDEFGHIJKL'

describe('import-found', () => {
  it('finds nothing on a computer that has nothing', async () => {
    expect(await logins().list()).toEqual([])
  })

  it('finds a social login of Kiro', async () => {
    const path = await put('.aws/sso/cache/kiro-auth-token.json', {
      accessToken: 'aoa-1',
      refreshToken: 'aor-1',
      expiresAt: '2027-01-02T03:04:05.000Z',
      authMethod: 'social',
      provider: 'Google',
      profileArn: arn,
    })
    const [found] = await logins().list()
    expect(found).toMatchObject({ source: 'kiro-ide', program: 'Kiro', path, authMethod: 'social' })
    expect(found?.warning).toContain('signed out')
    expect(JSON.stringify(found)).not.toMatch(/aoa-1|aor-1/u)
    await logins().import(found?.id ?? '')
    expect(added).toEqual([
      {
        type: 'kiro',
        label: 'Kiro (imported)',
        authMethod: 'social',
        refreshToken: 'aor-1',
        accessToken: 'aoa-1',
        accessTokenExpiresAt: Date.UTC(2027, 0, 2, 3, 4, 5),
        profileArn: arn,
        other: { source: found?.id, importedFrom: path },
      },
    ])
  })

  it('finds a Builder ID login of Kiro with its registration', async () => {
    const clientIdHash = 'a'.repeat(40)
    await put('.aws/sso/cache/kiro-auth-token.json', {
      accessToken: 'aoa-1',
      refreshToken: 'aor-1',
      expiresAt: '2027-01-02T03:04:05Z',
      authMethod: 'IdC',
      provider: 'BuilderId',
      region: 'us-east-1',
      clientIdHash,
    })
    expect(await logins().list()).toEqual([])
    await put(`.aws/sso/cache/${clientIdHash}.json`, {
      clientId: 'c',
      clientSecret: 's',
      expiresAt: '2027-03-01T00:00:00Z',
    })
    const [found] = await logins().list()
    expect(found).toMatchObject({ authMethod: 'builder-id', startUrl: 'https://view.awsapps.com/start' })
    await logins().import(found?.id ?? '')
    expect(added[0]).toMatchObject({ clientId: 'c', clientSecret: 's', clientSecretExpiresAt: Date.UTC(2027, 2, 1) })
  })

  it('does not follow a hash that is a path', async () => {
    await put('secret.json', { clientId: 'c', clientSecret: 's' })
    await put('.aws/sso/cache/kiro-auth-token.json', { refreshToken: 'r', clientIdHash: '../../../secret' })
    expect(await logins().list()).toEqual([])
  })

  const places: [NodeJS.Platform, Record<string, string>, string][] = [
    ['linux', {}, '.local/share'],
    ['darwin', {}, 'Library/Application Support'],
    ['win32', {}, 'AppData/Roaming'],
    ['win32', {}, 'AppData/Local'],
  ]
  for (const [platform, environment, directory] of places) {
    it(`finds the command lines’ logins in ${directory} on ${platform}`, async () => {
      const rows = {
        'kirocli:odic:token': cliToken,
        'kirocli:odic:device-registration': cliRegistration,
        'kirocli:social:token': { access_token: 'aoa-s', refresh_token: 'aor-s', expires_at: '2027-01-02T03:04:05Z' },
      }
      await putDatabase(`${directory}/kiro-cli/data.sqlite3`, rows, arn)
      await putDatabase(`${directory}/amazon-q/data.sqlite3`, {
        'codewhisperer:odic:token': {
          ...cliToken,
          refresh_token: 'aor-q',
          start_url: 'https://view.awsapps.com/start',
        },
        'codewhisperer:odic:device-registration': cliRegistration,
      })
      const found = await logins(platform, environment).list()
      expect(found.map(({ source, authMethod }) => `${source} ${authMethod}`)).toEqual([
        'kiro-cli idc',
        'kiro-cli social',
        'amazon-q-cli builder-id',
      ])
      for (const { id } of found) await logins(platform, environment).import(id)
      expect(added[0]).toMatchObject({
        refreshToken: 'aor-cli',
        clientId: 'cli-client',
        ssoRegion: 'eu-west-1',
        startUrl: 'https://acme.awsapps.com/start',
        profileArn: arn,
      })
      expect(added[1]).not.toHaveProperty('clientId')
      expect(added[2]).toMatchObject({ type: 'amazonq' })
    })
  }

  it('finds logins of the AWS toolkit that are for this service', async () => {
    const token = {
      accessToken: 'aoa-t',
      refreshToken: 'aor-t',
      expiresAt: '2027-01-02T03:04:05Z',
      region: 'us-east-1',
      startUrl: 'https://acme.awsapps.com/start',
      clientId: 'c',
      clientSecret: 's',
    }
    await put('.aws/sso/cache/one.json', { ...token, scopes: ['codewhisperer:completions'] })
    await put('.aws/sso/cache/two.json', { ...token, refreshToken: 'other', scopes: ['sso:account:access'] })
    await put('.aws/sso/cache/three.json', { ...token, scopes: ['codewhisperer:analysis'] })
    const found = await logins().list()
    expect(found.map(({ source }) => source)).toEqual(['aws-toolkit'])
  })

  it('passes over damaged files and leaves every file as it was', async () => {
    await put('.aws/sso/cache/kiro-auth-token.json', '{"refreshToken": ')
    await put('.aws/sso/cache/huge.json', `"${'x'.repeat(300_000)}"`)
    const broken = await put('.local/share/kiro-cli/data.sqlite3', 'this is no database at all')
    const other = await putDatabase('.local/share/amazon-q/data.sqlite3', { 'codewhisperer:odic:token': 'text' })
    const before = await readFile(other)
    expect(await logins().list()).toEqual([])
    expect(await readFile(broken, 'utf8')).toBe('this is no database at all')
    expect((await readFile(other)).equals(before)).toBe(true)
    await expect(logins().import('gone')).rejects.toMatchObject({ kind: 'not-found' })
  })
})
