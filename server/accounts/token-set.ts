/** What a login or a refresh yields. */
export interface TokenSet {
  readonly accessToken: string
  /** When the access token dies, epoch milliseconds. */
  readonly expiresAt: number
  /** Absent: the old one stays valid. */
  readonly refreshToken?: string
  /** Told by Kiro's login service only. */
  readonly profileArn?: string
}
