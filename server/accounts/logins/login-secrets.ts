import type { SecretStore } from '../../secrets/secret-store.ts'
import type { TokenSet } from '../token-set.ts'

const NAMES = ['device-code', 'client-secret', 'pkce', 'token-set'] as const

/** What a social login must remember until its callback comes. */
export interface SocialSecret {
  readonly verifier: string
  readonly state: string
  /** Port of the loopback listener, part of the redirect URI. */
  readonly port: number
}

/** The secrets of logins in progress, so that they survive a restart. */
export interface LoginSecrets {
  /** Keeps a device login's code and its registration's secret. */
  putDevice(loginId: string, deviceCode: string, clientSecret: string): Promise<void>
  device(loginId: string): Promise<{ deviceCode: string; clientSecret: string } | undefined>
  putSocial(loginId: string, secret: SocialSecret): Promise<void>
  social(loginId: string): Promise<SocialSecret | undefined>
  /** Kept from the moment the service gave tokens until the account has them: the service gives them only once. */
  putTokens(loginId: string, tokens: TokenSet): Promise<void>
  tokens(loginId: string): Promise<TokenSet | undefined>
  clientSecret(loginId: string): Promise<string | undefined>
  delete(loginId: string): Promise<void>
  /** Ids of all logins that have secrets here. */
  loginIds(): Promise<readonly string[]>
}

export function createLoginSecrets(secrets: SecretStore): LoginSecrets {
  const nameOf = (loginId: string, name: (typeof NAMES)[number]): string => `login/${loginId}/${name}`

  async function readJson<T>(name: string): Promise<T | undefined> {
    const text = await secrets.get(name)
    // Written by this module alone and sealed: its shape is known.
    return text === undefined ? undefined : (JSON.parse(text) as T)
  }

  return {
    async putDevice(loginId, deviceCode, clientSecret) {
      await secrets.set(nameOf(loginId, 'client-secret'), clientSecret)
      await secrets.set(nameOf(loginId, 'device-code'), deviceCode)
    },
    async device(loginId) {
      const deviceCode = await secrets.get(nameOf(loginId, 'device-code'))
      const clientSecret = await secrets.get(nameOf(loginId, 'client-secret'))
      return deviceCode === undefined || clientSecret === undefined ? undefined : { deviceCode, clientSecret }
    },
    putSocial: (loginId, secret) => secrets.set(nameOf(loginId, 'pkce'), JSON.stringify(secret)),
    social: (loginId) => readJson<SocialSecret>(nameOf(loginId, 'pkce')),
    putTokens: (loginId, tokens) => secrets.set(nameOf(loginId, 'token-set'), JSON.stringify(tokens)),
    tokens: (loginId) => readJson<TokenSet>(nameOf(loginId, 'token-set')),
    clientSecret: (loginId) => secrets.get(nameOf(loginId, 'client-secret')),
    async delete(loginId) {
      for (const name of NAMES) await secrets.delete(nameOf(loginId, name))
    },
    async loginIds() {
      const ids = new Set<string>()
      for (const name of await secrets.names()) {
        const [owner, id] = name.split('/')
        if (owner === 'login' && id !== undefined) ids.add(id)
      }
      return [...ids]
    },
  }
}
