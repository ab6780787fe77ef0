import { z } from 'zod'
import { logCleanupSchema, logPageSchema, logQuerySchema, logStatsSchema, statsQuerySchema } from '../request-log.ts'
import { base } from './base.ts'

const tags = ['Request log']

export const logsContract = {
  list: base
    .route({ method: 'GET', path: '/v2/logs', tags, summary: 'Requests, newest first, page by page' })
    .input(logQuerySchema)
    .output(logPageSchema),
  stats: base
    .route({ method: 'GET', path: '/v2/logs/stats', tags, summary: 'Sums over the request log' })
    .input(statsQuerySchema)
    .output(logStatsSchema),
  cleanup: base
    .route({ method: 'POST', path: '/v2/logs/cleanup', tags, summary: 'Delete old records' })
    .input(logCleanupSchema.optional())
    .output(z.object({ deleted: z.int().min(0) })),
}
