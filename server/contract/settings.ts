import { z } from 'zod'

/**
 * Every setting, its default and its limits. Durations in milliseconds, sizes in bytes. The environment may override
 * some (promises.md §1); the console then says so.
 */
export const settingsSchema = z.strictObject({
  /** Address to listen on. Anything but loopback needs keys. */
  host: z.string().min(1).max(255).default('127.0.0.1'),
  /** 0 picks a free port. */
  port: z.int().min(0).max(65_535).default(8788),
  /** Further Host header names to accept besides loopback names and the listening address. */
  allowedHosts: z.array(z.string().min(1).max(255)).max(50).default([]),
  /** Browser origins that may call the client API. */
  allowedOrigins: z.array(z.string().min(1).max(255)).max(50).default([]),
  /** Whether clients must show a key. May be off on loopback only. */
  keysRequired: z.boolean().default(true),
  bodyLimitBytes: z.int().min(1_048_576).max(268_435_456).default(33_554_432),
  firstByteTimeoutMs: z.int().min(1_000).max(600_000).default(60_000),
  idleTimeoutMs: z.int().min(1_000).max(1_800_000).default(120_000),
  /** Silence after which a client stream gets a ping. */
  pingIntervalMs: z.int().min(100).max(60_000).default(15_000),
  /** Attempts for one request before its first event, over all accounts. */
  maxAttempts: z.int().min(1).max(10).default(3),
  /** All attempts together. */
  maxAttemptsMs: z.int().min(1_000).max(600_000).default(60_000),
  strategy: z.enum(['sticky', 'round-robin', 'least-used', 'random', 'priority']).default('sticky'),
  /** Errors in a row that switch an account off; 0: never. */
  maxErrorCount: z.int().min(0).max(100_000).default(100),
  /** Names that clients ask for → the backend's model id. */
  modelAliases: z.record(z.string().min(1).max(200), z.string().min(1).max(200)).default({}),
  unknownModelPolicy: z.enum(['refuse', 'default', 'pass-through']).default('refuse'),
  defaultModel: z.string().min(1).max(200).default('claude-sonnet-4.5'),
  /** Factor on every token count that Culvert estimates itself. */
  tokenCountMultiplier: z.number().min(0.1).max(10).default(1),
  userAgent: z.string().min(1).max(300).default('Culvert/0.1.0'),
  optOutOfTraining: z.boolean().default(true),
  cachePoints: z.boolean().default(true),
  /** Proxy for all upstream traffic: `system` (the environment), `none`, or an http, https or socks5 URL. */
  upstreamProxy: z
    .union([z.enum(['system', 'none']), z.string().regex(/^(?:https?|socks5h?):\/\/[^\s/?#]+\/?$/u)])
    .default('system'),
  metricsEnabled: z.boolean().default(false),
  /** Days that request records are kept. */
  requestLogDays: z.int().min(1).max(3_650).default(30),
  logLevel: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('warn'),
})

export type Settings = z.infer<typeof settingsSchema>

/** What a fresh installation has. */
export const defaultSettings: Settings = settingsSchema.parse({})
