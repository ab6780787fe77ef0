import { BoundedMap } from './bounded-map.ts'
import type { IdSource } from './ids.ts'

interface AccessToken {
  readonly accountId: string
  /** Epoch milliseconds. */
  expiresAt: number
}

interface RefreshToken {
  readonly accountId: string
  /** The client registration that it is bound to; undefined for social logins. */
  readonly clientId: string | undefined
  state: 'valid' | 'rotated' | 'revoked'
}

export type AccessTokenState =
  | { readonly state: 'valid' | 'expired'; readonly accountId: string }
  | { readonly state: 'unknown' }

export interface TokenPair {
  readonly accessToken: string
  readonly refreshToken: string
}

const tokenLimit = 100_000

/** Access and refresh tokens, and who presented a dead one. */
export class TokenBook {
  readonly #access = new BoundedMap<string, AccessToken>(tokenLimit)
  readonly #refresh = new BoundedMap<string, RefreshToken>(tokenLimit)
  readonly #ids: IdSource
  reuse = 0

  constructor(ids: IdSource) {
    this.#ids = ids
  }

  issue(accountId: string, clientId: string | undefined, lifetimeMs: number): TokenPair {
    const refreshToken = this.#ids.token('aor', 180)
    this.#refresh.set(refreshToken, { accountId, clientId, state: 'valid' })
    return { accessToken: this.issueAccess(accountId, lifetimeMs), refreshToken }
  }

  issueAccess(accountId: string, lifetimeMs: number): string {
    const accessToken = this.#ids.token('aoa', 180)
    this.#access.set(accessToken, { accountId, expiresAt: Date.now() + lifetimeMs })
    return accessToken
  }

  access(token: string): AccessTokenState {
    const found = this.#access.get(token)
    if (found === undefined) return { state: 'unknown' }
    return { state: found.expiresAt > Date.now() ? 'valid' : 'expired', accountId: found.accountId }
  }

  /** Whose a refresh token is, when it is good for that client. Counts the reuse of a rotated one. */
  refresh(token: string, clientId: string | undefined): { readonly accountId: string } | undefined {
    const found = this.#refresh.get(token)
    if (found === undefined) return undefined
    if (found.state === 'rotated') this.reuse += 1
    return found.state === 'valid' && found.clientId === clientId ? { accountId: found.accountId } : undefined
  }

  /** Whose a refresh token is or was; looking counts as no use. */
  ownerOfRefresh(token: string): string | undefined {
    return this.#refresh.get(token)?.accountId
  }

  /** The token was exchanged for a new one. */
  rotateOut(token: string): void {
    const found = this.#refresh.get(token)
    if (found?.state === 'valid') found.state = 'rotated'
  }

  revokeRefresh(accountId: string): void {
    for (const token of this.#refresh.values()) if (token.accountId === accountId) token.state = 'revoked'
  }

  expireAccess(accountId: string | undefined): void {
    for (const token of this.#access.values()) {
      if (accountId === undefined || token.accountId === accountId) token.expiresAt = 0
    }
  }

  clear(): void {
    this.#access.clear()
    this.#refresh.clear()
    this.reuse = 0
  }
}
