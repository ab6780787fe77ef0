import { z } from 'zod'
import { idSchema, jsonSchema, timeSchema } from './common.ts'

/** What became of one line of a batch or an import. */
export const lineResultSchema = z.object({
  index: z.int().min(0),
  status: z.enum(['added', 'new', 'duplicate', 'broken']).describe('new: would be added (preview).'),
  id: idSchema.nullable(),
  label: z.string().nullable(),
  message: z.string().nullable().describe('Why it is broken or a duplicate.'),
})

export type LineResult = z.infer<typeof lineResultSchema>

export const batchResultSchema = z.object({
  status: z.enum(['completed', 'partial']),
  message: z.string(),
  account_ids: z.array(idSchema),
  results: z.array(lineResultSchema),
})

export type BatchResult = z.infer<typeof batchResultSchema>

const linesLimit = 2_000

/** Lines are checked one by one, so that a broken one does not spoil the others. */
export const batchInputSchema = z.object({ accounts: z.array(z.unknown()).min(1).max(linesLimit) })

/** Accounts sealed under a passphrase (scrypt, AES-256-GCM); all bytes base64. */
export const sealedExportSchema = z.object({
  format: z.literal('culvert-accounts-sealed'),
  version: z.literal(1),
  exported_at: timeSchema,
  kdf: z.object({
    name: z.literal('scrypt'),
    N: z.int().min(2).max(1_048_576),
    r: z.int().min(1).max(32),
    p: z.int().min(1).max(16),
    salt: z.base64().max(200),
  }),
  cipher: z.literal('aes-256-gcm'),
  iv: z.base64().max(100),
  data: z.base64(),
})

export type SealedExport = z.infer<typeof sealedExportSchema>

/** One account with everything that it needs to be imported elsewhere. */
export const exportedAccountSchema = z.object({
  label: z.string(),
  type: z.string(),
  authMethod: z.string(),
  enabled: z.boolean(),
  clientId: z.string().optional(),
  clientSecret: z.string().optional(),
  refreshToken: z.string().optional(),
  accessToken: z.string().optional(),
  profileArn: z.string().optional(),
  other: z.record(z.string(), jsonSchema),
})

export type ExportedAccount = z.infer<typeof exportedAccountSchema>

export const plainExportSchema = z.object({
  format: z.literal('culvert-accounts'),
  version: z.literal(1),
  exported_at: timeSchema,
  accounts: z.array(exportedAccountSchema),
})

export type PlainExport = z.infer<typeof plainExportSchema>

export const exportSchema = z.discriminatedUnion('format', [plainExportSchema, sealedExportSchema])

const passphraseSchema = z.string().min(8).max(1_000)

/**
 * What may be imported: a list of accounts in the form of the older projects or of our own export, or a sealed export
 * with its passphrase.
 */
export const importInputSchema = z.union([
  z.array(z.unknown()).min(1).max(linesLimit),
  z.object({
    accounts: z.array(z.unknown()).min(1).max(linesLimit),
    preview: z.boolean().optional().describe('Only say what would happen.'),
  }),
  z.object({ sealed: sealedExportSchema, passphrase: z.string().max(1_000), preview: z.boolean().optional() }),
])

export type ImportInput = z.infer<typeof importInputSchema>

/** An export is sealed under a passphrase, or plain by explicit choice. */
export const exportInputSchema = z.object({
  ids: z.array(idSchema).max(linesLimit).optional().describe('Only these accounts.'),
  passphrase: passphraseSchema.optional(),
  plain: z.boolean().optional().describe('true: readable by anyone who gets the file.'),
})

/** The same by GET. The passphrase is a header, because addresses end up in logs. */
export const exportQuerySchema = z.object({
  query: z.object({ format: z.enum(['sealed', 'plain']).optional() }).optional(),
  headers: z.object({ 'x-export-passphrase': passphraseSchema.optional() }),
})
