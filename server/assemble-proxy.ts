import type { Accounts } from './assemble-accounts.ts'
import type { Backend } from './backends/backend.ts'
import type { CompletionRequest } from './canonical/request.ts'
import type { Foundation } from './foundation.ts'
import { openCalibrations } from './proxy/calibrations.ts'
import { type Counters, createCounters } from './proxy/counters.ts'
import { normalizeModelName } from './proxy/model-name.ts'
import { createRequestFeed, type RequestFeed } from './proxy/request-feed.ts'
import { createRouter } from './proxy/route.ts'
import type { ProxyDeps } from './proxy/run.ts'
import { createRequestLog } from './store/request-log.ts'
import type { RequestRecord } from './store/types.ts'
import { createTokenCounter } from './tokens/counter.ts'

/** What serves completions and counts tokens. */
export interface ProxyParts {
  readonly proxy: ProxyDeps
  readonly counters: Counters
  readonly feed: RequestFeed
  /** Input tokens of a request, calibrated for the model that would serve it, with the person's multiplier. */
  countTokens(request: CompletionRequest): Promise<number>
  close(): Promise<void>
}

const dayMs = 86_400_000
const cleanUpEveryMs = 3_600_000

/** Builds the request path: routing, metering, the log and token counting. */
export async function assembleProxy(
  foundation: Foundation,
  accounts: Accounts,
  backendFor: (accountType: string) => Backend,
): Promise<ProxyParts> {
  const { log, store, settings, now } = foundation
  const onError = (error: unknown) => log.error({ error }, 'keeping what was measured failed')
  const calibrations = await openCalibrations({ store: store.calibration, onError })
  const tokenCounter = createTokenCounter()
  const counters = createCounters()
  const feed = createRequestFeed()
  const requestLog = createRequestLog({
    store,
    onDropped: (count) => log.warn({ count }, 'request records were dropped because they could not be written in time'),
    onFailure: (message) => log.error(message),
  })
  const route = createRouter()
  const resolve = (requested: string, offered: readonly string[]) => {
    const resolved = route(requested, offered, settings.current())
    // Where another account has the very model, this one's stand-in for it would be an unwelcome surprise.
    return resolved?.how === 'default-alias' && isOffered(accounts, requested) ? undefined : resolved?.model
  }
  const cleanUp = setInterval(() => {
    store.requests.deleteBefore(now() - settings.current().requestLogDays * dayMs).catch(onError)
  }, cleanUpEveryMs)
  cleanUp.unref()

  return {
    counters,
    feed,
    proxy: {
      pool: accounts.pool,
      tokens: accounts.tokens,
      backendFor,
      resolve,
      random: Math.random,
      settings: settings.current,
      estimateInput: (request) => tokenCounter.estimate(request),
      calibration: calibrations,
      now,
      record(record) {
        counters.active -= 1
        counters.count(record)
        requestLog.record(record)
        feed.publish(record)
        if (record.errorKind !== null) log.info(failureOf(record), 'a request failed')
      },
    },
    async countTokens(request) {
      const offered = accounts.pool.models().map((pooled) => pooled.model.id)
      const factor = calibrations.factor(resolve(request.model, offered) ?? request.model)
      return Math.round((await tokenCounter.count(request)) * factor * settings.current().tokenCountMultiplier)
    },
    async close() {
      clearInterval(cleanUp)
      await requestLog.close()
      await calibrations.close()
      await tokenCounter.close()
    },
  }
}

function isOffered(accounts: Accounts, requested: string): boolean {
  const wanted = normalizeModelName(requested)
  return accounts.pool.models().some(({ model }) => model.id.toLowerCase() === wanted)
}

/** What helps to find a failed request again; its content stays out. */
function failureOf(record: RequestRecord): object {
  const { id, status, errorKind, errorMessage, requestedModel, accountId, upstreamRequestId, totalMs } = record
  return {
    requestId: id,
    status,
    errorKind,
    message: errorMessage,
    requestedModel,
    accountId,
    upstreamRequestId,
    totalMs,
  }
}
