import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { AuthMethod } from '../../backends/backend.ts'
import { ProxyError } from '../../canonical/error.ts'
import type { JsonObject } from '../../canonical/json.ts'
import { readForeignSqlite } from '../../store/read-foreign-sqlite.ts'
import type { StoredAccount } from '../../store/types.ts'
import type { AccountService, NewAccount } from '../account-service.ts'
import { BUILDER_ID_START_URL, isBuilderId } from '../account-input.ts'
import { listJsonFiles, parseJsonObject, readJsonFile, textMember, timeMember } from './found-file.ts'

/** The programs whose logins are found, by the names that people know them by. */
const programs = {
  'kiro-ide': 'Kiro',
  'kiro-cli': 'Kiro CLI',
  'amazon-q-cli': 'Amazon Q CLI',
  'aws-toolkit': 'Amazon Q for VS Code',
} as const

type Source = keyof typeof programs

/** A login of another program on this computer, without its secrets. */
export interface FoundLogin {
  /** Stable as long as the login stays in its place. An account imported from it has the id in `other.source`. */
  readonly id: string
  readonly source: Source
  /** The program's name for a person. */
  readonly program: string
  /** The file that it is in. */
  readonly path: string
  readonly authMethod: AuthMethod
  readonly startUrl?: string
  /** What sharing the login means, in a whole sentence. */
  readonly warning: string
}

/** The program that an account's `other.source` names, for a sentence to a person. */
export function programOf(id: string): string {
  const source = Object.keys(programs).find((known) => id.startsWith(`${known}-`))
  return source === undefined ? 'another program' : programs[source as Source]
}

/** Logins that other programs keep on this computer (amazon-q.md §1.7). Files are only read. */
export interface FoundLogins {
  list(): Promise<readonly FoundLogin[]>
  /** Adds one as an account. Rejects with `ProxyError`. */
  import(id: string): Promise<StoredAccount>
  /** What the place of a login holds now, for an account that was imported from there. */
  read(id: string): Promise<FoundCredentials | undefined>
}

/** The credentials of a found login. */
export type FoundCredentials = Pick<
  NewAccount,
  'refreshToken' | 'clientId' | 'clientSecret' | 'clientSecretExpiresAt' | 'startUrl' | 'profileArn'
>

export interface FoundLoginsDeps {
  readonly accounts: Pick<AccountService, 'add'>
  readonly home: string
  readonly platform: NodeJS.Platform
  /** For `APPDATA`, `LOCALAPPDATA` and `XDG_DATA_HOME`. */
  readonly environment: Readonly<Record<string, string | undefined>>
}

interface Found {
  readonly view: FoundLogin
  readonly account: NewAccount
}

export function createFoundLogins(deps: FoundLoginsDeps): FoundLogins {
  async function scan(): Promise<readonly Found[]> {
    const cache = join(deps.home, '.aws', 'sso', 'cache')
    return [...(await fromKiroIde(cache)), ...fromCommandLines(deps), ...(await fromToolkit(cache))]
  }

  return {
    async list() {
      const logins = await scan()
      // One login may lie in several places: its refresh token tells.
      const isFirst = ({ account }: Found, index: number): boolean =>
        index === logins.findIndex((other) => other.account.refreshToken === account.refreshToken)
      return logins.filter(isFirst).map(({ view }) => view)
    },
    read: async (id) => (await scan()).find(({ view }) => view.id === id)?.account,
    async import(id) {
      const login = (await scan()).find(({ view }) => view.id === id)
      if (login !== undefined) return await deps.accounts.add(login.account)
      throw new ProxyError('not-found', 'This login is no longer on this computer. Look for logins again.', {
        param: 'id',
      })
    },
  }
}

interface Credentials {
  readonly token: JsonObject
  readonly registration: JsonObject | undefined
  readonly profileArn: string | undefined
  readonly isSocial: boolean
}

function found(source: Source, path: string, credentials: Credentials): readonly Found[] {
  const program = programs[source]
  const { token, registration, isSocial } = credentials
  const refreshToken = textMember(token, 'refreshToken', 'refresh_token')
  const clientId = textMember(registration, 'clientId', 'client_id')
  const clientSecret = textMember(registration, 'clientSecret', 'client_secret')
  if (refreshToken === undefined || (!isSocial && (clientId === undefined || clientSecret === undefined))) return []
  const isBuilder = textMember(token, 'provider') === 'BuilderId'
  const startUrl = textMember(token, 'startUrl', 'start_url') ?? (isBuilder ? BUILDER_ID_START_URL : undefined)
  const isAws = startUrl === undefined || isBuilderId(startUrl)
  const authMethod: AuthMethod = isSocial
    ? 'social'
    : isAws && textMember(token, 'provider') !== 'Enterprise'
      ? 'builder-id'
      : 'idc'
  const accessToken = textMember(token, 'accessToken', 'access_token')
  const accessTokenExpiresAt = timeMember(token, 'expiresAt', 'expires_at')
  const secretExpiresAt = timeMember(registration, 'expiresAt', 'registrationExpiresAt', 'client_secret_expires_at')
  const ssoRegion = textMember(token, 'region') ?? textMember(registration, 'region')
  const { profileArn } = credentials
  const shown = startUrl === undefined ? {} : { startUrl }
  const id = `${source}-${createHash('sha256').update(`${path} ${authMethod}`).digest('hex').slice(0, 16)}`
  return [
    {
      view: {
        id,
        source,
        program,
        path,
        authMethod,
        ...shown,
        warning: `${program} and Culvert would share one sign-in: as soon as one of them renews it, the other is signed out. Sign in to Culvert separately if you go on using ${program}.`,
      },
      account: {
        type: source === 'amazon-q-cli' || source === 'aws-toolkit' ? 'amazonq' : 'kiro',
        label: `${program} (imported)`,
        authMethod,
        refreshToken,
        other: { source: id, importedFrom: path },
        ...shown,
        ...(isSocial || clientId === undefined ? {} : { clientId }),
        ...(isSocial || clientSecret === undefined ? {} : { clientSecret }),
        ...(secretExpiresAt === undefined ? {} : { clientSecretExpiresAt: secretExpiresAt }),
        ...(ssoRegion === undefined ? {} : { ssoRegion }),
        ...(profileArn === undefined ? {} : { profileArn }),
        ...(accessToken === undefined || accessTokenExpiresAt === undefined
          ? {}
          : { accessToken, accessTokenExpiresAt }),
      },
    },
  ]
}

async function fromKiroIde(cache: string): Promise<readonly Found[]> {
  const path = join(cache, 'kiro-auth-token.json')
  const token = await readJsonFile(path)
  if (token === undefined) return []
  const hash = textMember(token, 'clientIdHash')
  // It becomes a file's name.
  const isHash = hash !== undefined && /^[0-9a-f]{16,64}$/iu.test(hash)
  return found('kiro-ide', path, {
    token,
    registration: isHash ? await readJsonFile(join(cache, `${hash}.json`)) : undefined,
    profileArn: textMember(token, 'profileArn'),
    isSocial: textMember(token, 'authMethod')?.toLowerCase() === 'social',
  })
}

function fromCommandLines(deps: FoundLoginsDeps): readonly Found[] {
  return dataDirectories(deps).flatMap((directory) => [
    ...fromCommandLine('kiro-cli', join(directory, 'kiro-cli', 'data.sqlite3'), 'kirocli'),
    ...fromCommandLine('amazon-q-cli', join(directory, 'amazon-q', 'data.sqlite3'), 'codewhisperer'),
  ])
}

function fromCommandLine(source: 'kiro-cli' | 'amazon-q-cli', path: string, prefix: string): readonly Found[] {
  // `odic` is how both programs spell it.
  const keys = [`${prefix}:odic:token`, `${prefix}:odic:device-registration`, `${prefix}:social:token`]
  const values = readForeignSqlite(path, { table: 'auth_kv', keys })
  const [aws, registration, social] = keys.map((key) => parseJsonObject(values.get(key)))
  if (aws === undefined && social === undefined) return []
  const profileKey = 'api.codewhisperer.profile'
  const profile = parseJsonObject(readForeignSqlite(path, { table: 'state', keys: [profileKey] }).get(profileKey))
  const profileArn = textMember(profile, 'arn')
  return [
    ...(aws === undefined
      ? []
      : found(source, path, {
          token: aws,
          registration,
          profileArn: textMember(aws, 'profile_arn') ?? profileArn,
          isSocial: false,
        })),
    ...(social === undefined
      ? []
      : found(source, path, {
          token: social,
          registration: undefined,
          profileArn: textMember(social, 'profile_arn', 'profileArn') ?? profileArn,
          isSocial: true,
        })),
  ]
}

/** Files of VS Code's AWS toolkit hold the token and its registration together. */
async function fromToolkit(cache: string): Promise<readonly Found[]> {
  const all: Found[] = []
  for (const path of await listJsonFiles(cache)) {
    if (path.endsWith('kiro-auth-token.json')) continue
    const token = await readJsonFile(path)
    const scopes = token?.['scopes']
    const isForUs = Array.isArray(scopes) && scopes.some((scope) => String(scope).startsWith('codewhisperer:'))
    if (token === undefined || !isForUs) continue
    all.push(
      ...found('aws-toolkit', path, {
        token,
        registration: token,
        profileArn: undefined,
        isSocial: false,
      }),
    )
  }
  return all
}

/** Where command line programs keep their data; on Windows sources disagree, so both places are looked at. */
function dataDirectories({ home, platform, environment }: FoundLoginsDeps): readonly string[] {
  switch (platform) {
    case 'darwin':
      return [join(home, 'Library', 'Application Support')]
    case 'win32':
      return [
        environment['LOCALAPPDATA'] ?? join(home, 'AppData', 'Local'),
        environment['APPDATA'] ?? join(home, 'AppData', 'Roaming'),
      ]
    default:
      return [environment['XDG_DATA_HOME'] || join(home, '.local', 'share')]
  }
}
