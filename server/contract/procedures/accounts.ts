import { z } from 'zod'
import { accountChangeSchema, accountInputSchema, accountSchema, accountTestSchema } from '../account.ts'
import {
  batchInputSchema,
  batchResultSchema,
  exportInputSchema,
  exportQuerySchema,
  exportSchema,
  importInputSchema,
} from '../account-transfer.ts'
import { idInput, idSchema } from '../common.ts'
import { base } from './base.ts'

const tags = ['Accounts']

const listInput = z.object({
  enabled: z.enum(['true', 'false']).optional(),
  sort_by: z.enum(['created_at', 'success_count']).optional(),
  sort_order: z.enum(['asc', 'desc']).optional(),
})

const batch = base.input(batchInputSchema).output(batchResultSchema)

/** Accounts: the paths and fields of the older projects, so that their users' scripts go on working. */
export const accountsContract = {
  list: base
    .route({ method: 'GET', path: '/v2/accounts', tags, summary: 'All accounts' })
    .input(listInput)
    .output(z.object({ accounts: z.array(accountSchema), count: z.int().min(0) })),
  create: base
    .route({ method: 'POST', path: '/v2/accounts', tags, summary: 'Add an account by its tokens' })
    .input(accountInputSchema)
    .output(accountSchema),
  batch: batch.route({ method: 'POST', path: '/v2/accounts/batch', tags, summary: 'Add many accounts, line by line' }),
  feed: batch.route({
    method: 'POST',
    path: '/v2/accounts/feed',
    tags,
    summary: 'The same as batch, under its older name',
  }),
  import: base
    .route({
      method: 'POST',
      path: '/v2/accounts/import',
      tags,
      summary: "Import an export of Culvert's or of the older projects",
    })
    .input(importInputSchema)
    .output(batchResultSchema),
  export: base
    .route({ method: 'POST', path: '/v2/accounts/export', tags, summary: 'Export accounts with their secrets' })
    .input(exportInputSchema)
    .output(exportSchema),
  exportByGet: base
    .route({
      method: 'GET',
      path: '/v2/accounts/export',
      tags,
      summary: 'Export all accounts with their secrets',
      description: 'Sealed under the passphrase in the header x-export-passphrase, or plain with ?format=plain.',
      inputStructure: 'detailed',
    })
    .input(exportQuerySchema)
    .output(exportSchema),
  get: base
    .route({ method: 'GET', path: '/v2/accounts/{id}', tags, summary: 'One account' })
    .input(idInput)
    .output(accountSchema),
  update: base
    .route({ method: 'PATCH', path: '/v2/accounts/{id}', tags, summary: 'Change some fields of an account' })
    .input(accountChangeSchema.extend({ id: idSchema }))
    .output(accountSchema),
  delete: base
    .route({ method: 'DELETE', path: '/v2/accounts/{id}', tags, summary: 'Delete an account and its secrets' })
    .input(idInput)
    .output(z.object({ deleted: idSchema })),
  refresh: base
    .route({ method: 'POST', path: '/v2/accounts/{id}/refresh', tags, summary: 'Get a new access token now' })
    .input(idInput)
    .output(accountSchema),
  test: base
    .route({
      method: 'POST',
      path: '/v2/accounts/{id}/test',
      tags,
      summary: 'Send one real small request on this account',
    })
    .input(idInput)
    .output(accountTestSchema),
}
