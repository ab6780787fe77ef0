import type { IncomingMessage, ServerResponse } from 'node:http'
import express from 'express'
import { ProxyError } from '../canonical/error.ts'
import type { Counters } from '../proxy/counters.ts'
import type { Access } from './access/access.ts'
import { notFound, type Refuse, type SlowHandler } from './app.ts'
import { createHealthCheck, type HealthDeps } from './health.ts'
import { createMetricsPage } from './metrics.ts'

export interface SlowAppDeps extends HealthDeps {
  readonly access: Access
  readonly counters: Counters
  readonly accountsByStatus: () => ReadonlyMap<string, number>
  readonly metricsEnabled: () => boolean
  readonly refuse: Refuse
  /** The management API and its documents; loaded on first use. */
  readonly management: () => Promise<(request: IncomingMessage, response: ServerResponse) => Promise<boolean>>
}

/** Probes, metrics, the management API and its documents: everything that may take a moment to load. */
export function createSlowApp(deps: SlowAppDeps): SlowHandler {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  const health = createHealthCheck(deps)
  let metrics: ReturnType<typeof createMetricsPage> | undefined

  app.get('/health', async (_request, response) => {
    const result = await health()
    response.status(result.status === 'ok' ? 200 : 503).json(result)
  })
  app.get('/metrics', async (request, response) => {
    if (!deps.metricsEnabled()) requireAdmin(deps.access, request)
    metrics ??= createMetricsPage(deps)
    response.type(metrics.contentType).send(await metrics.scrape())
  })
  app.use(async (request, response, next) => {
    const handle = await deps.management()
    if (!(await handle(request, response))) next()
  })

  app.use((request, response) => deps.refuse(request, response, notFound(`${request.method} ${request.path}`)))
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, request: express.Request, response: express.Response, _next: express.NextFunction) =>
    deps.refuse(request, response, error),
  )
  return (request, response) => void app(request, response)
}

function requireAdmin(access: Access, request: IncomingMessage): void {
  const decision = access.admin(request)
  if (!decision.ok) {
    throw decision.error.kind === 'unauthenticated'
      ? new ProxyError(
          'unauthenticated',
          'Metrics are off. Turn on the setting metricsEnabled, or ask with the admin token as Authorization: Bearer.',
        )
      : decision.error
  }
}
