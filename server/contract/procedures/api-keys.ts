import { z } from 'zod'
import { apiKeyChangeSchema, apiKeyCreatedSchema, apiKeyCreateSchema, apiKeySchema } from '../api-key.ts'
import { idInput, idSchema } from '../common.ts'
import { base } from './base.ts'

const tags = ['API keys']

export const apiKeysContract = {
  list: base
    .route({ method: 'GET', path: '/v2/api-keys', tags, summary: 'All client keys' })
    .output(z.object({ keys: z.array(apiKeySchema), count: z.int().min(0) })),
  create: base
    .route({ method: 'POST', path: '/v2/api-keys', tags, summary: 'Make a key; it is shown once' })
    .input(apiKeyCreateSchema)
    .output(apiKeyCreatedSchema),
  get: base
    .route({ method: 'GET', path: '/v2/api-keys/{id}', tags, summary: 'One key' })
    .input(idInput)
    .output(apiKeySchema),
  update: base
    .route({ method: 'PUT', path: '/v2/api-keys/{id}', tags, summary: 'Rename, switch or limit a key in time' })
    .input(apiKeyChangeSchema)
    .output(apiKeySchema),
  delete: base
    .route({ method: 'DELETE', path: '/v2/api-keys/{id}', tags, summary: 'Delete a key' })
    .input(idInput)
    .output(z.object({ deleted: idSchema })),
  revoke: base
    .route({ method: 'POST', path: '/v2/api-keys/{id}/revoke', tags, summary: 'Make a key useless for good' })
    .input(idInput)
    .output(apiKeySchema),
  rotate: base
    .route({
      method: 'POST',
      path: '/v2/api-keys/{id}/rotate',
      tags,
      summary: 'New key under the same name; it is shown once',
    })
    .input(idInput)
    .output(apiKeyCreatedSchema),
}
