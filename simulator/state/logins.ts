import type { Account } from './accounts.ts'
import { BoundedMap } from './bounded-map.ts'
import type { IdSource } from './ids.ts'

/** An OIDC client registration (amazon-q.md §1.1). */
export interface Client {
  readonly id: string
  readonly secret: string
  readonly name: string
  readonly scopes: readonly string[]
  readonly redirectUris: readonly string[]
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

/** One running device login. */
export interface DeviceLogin {
  readonly deviceCode: string
  readonly userCode: string
  readonly clientId: string
  readonly startUrl: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
  state: 'pending' | 'denied' | 'approved' | 'used'
  account: Account | undefined
  /** Epoch milliseconds of the last poll; 0: none yet. */
  polledAt: number
}

/** An authorization code on its way to be exchanged, once. */
export interface AuthorizationCode {
  readonly account: Account
  /** Undefined: the Kiro auth service, which has no client registrations. */
  readonly clientId: string | undefined
  readonly redirectUri: string
  /** S256 challenge. */
  readonly challenge: string
  /** Epoch milliseconds. */
  readonly expiresAt: number
}

const limit = 20_000
const codeLifetimeMs = 300_000

/** Client registrations and logins that are not finished. */
export class LoginBook {
  readonly #clients = new BoundedMap<string, Client>(limit)
  readonly #byDeviceCode = new BoundedMap<string, DeviceLogin>(limit)
  readonly #byUserCode = new BoundedMap<string, DeviceLogin>(limit)
  readonly #codes = new BoundedMap<string, AuthorizationCode>(limit)
  readonly #ids: IdSource

  constructor(ids: IdSource) {
    this.#ids = ids
  }

  register(name: string, scopes: readonly string[], redirectUris: readonly string[], lifetimeMs: number): Client {
    const client: Client = {
      id: this.#ids.token('', 22),
      secret: this.#ids.token('eyJraWQi', 120),
      name,
      scopes,
      redirectUris,
      expiresAt: Date.now() + lifetimeMs,
    }
    this.#clients.set(client.id, client)
    return client
  }

  /** The client, when id and secret belong together and are not expired. */
  client(id: string, secret: string): Client | undefined {
    const client = this.#clients.get(id)
    return client !== undefined && client.secret === secret && client.expiresAt > Date.now() ? client : undefined
  }

  /** The client of an authorise URL, which carries no secret. */
  publicClient(id: string): Client | undefined {
    return this.#clients.get(id)
  }

  startDevice(clientId: string, startUrl: string, lifetimeMs: number): DeviceLogin {
    const login: DeviceLogin = {
      deviceCode: this.#ids.token('', 96),
      userCode: this.#ids.userCode(),
      clientId,
      startUrl,
      expiresAt: Date.now() + lifetimeMs,
      state: 'pending',
      account: undefined,
      polledAt: 0,
    }
    this.#byDeviceCode.set(login.deviceCode, login)
    this.#byUserCode.set(login.userCode, login)
    return login
  }

  device(deviceCode: string): DeviceLogin | undefined {
    return this.#byDeviceCode.get(deviceCode)
  }

  /** Codes are typed by people: case and the dash don't matter. */
  deviceByUserCode(userCode: string): DeviceLogin | undefined {
    const letters = userCode.toUpperCase().replaceAll(/[^A-Z]/gu, '')
    return this.#byUserCode.get(`${letters.slice(0, 4)}-${letters.slice(4)}`)
  }

  issueCode(code: Omit<AuthorizationCode, 'expiresAt'>): string {
    const value = this.#ids.token('', 64)
    this.#codes.set(value, { ...code, expiresAt: Date.now() + codeLifetimeMs })
    return value
  }

  /** A code is good once, even when the exchange then fails. */
  takeCode(value: string): AuthorizationCode | undefined {
    const code = this.#codes.get(value)
    this.#codes.delete(value)
    return code !== undefined && code.expiresAt > Date.now() ? code : undefined
  }

  clear(): void {
    for (const map of [this.#clients, this.#byDeviceCode, this.#byUserCode, this.#codes]) map.clear()
  }
}
