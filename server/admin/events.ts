import type { ManagementEvent, Topic } from '../contract/event.ts'
import { topicSchema } from '../contract/event.ts'
import { viewAccount } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import { createEventQueue } from './event-queue.ts'
import type { EventQueue } from './event-queue.ts'
import { managementError } from './errors.ts'
import type { Implementer } from './implementer.ts'
import { viewLogin } from './login-view.ts'
import { viewRequest } from './request-view.ts'

const queueLimit = 500
const streamLimit = 50

/** The live data: `Contract['events']`. Every reader has a bounded queue of its own. */
export function implementEvents(os: Implementer, dependencies: AdminDependencies) {
  let streams = 0

  /** Listens at once and not at the first read: whoever has seen the stream open misses nothing. */
  function open(topics: ReadonlySet<Topic>, signal: AbortSignal): AsyncGenerator<ManagementEvent, void, void> {
    const queue = createEventQueue<ManagementEvent>(queueLimit)
    const unsubscribe = [...topics].map((topic) => subscriptions[topic](dependencies, queue.push))
    streams += 1
    const close = once(() => {
      streams -= 1
      for (const stop of unsubscribe) stop()
    })
    // A stream that is given up before its first read never runs its `finally`.
    signal.addEventListener('abort', close, { once: true })
    return readQueue(queue, signal, close)
  }

  return os.events.handler(({ input, signal }) => {
    if (streams >= streamLimit) {
      throw managementError('unavailable', `${streamLimit} event streams are open already. Close one of them first.`)
    }
    const topics = input.topics === undefined ? topicSchema.options : input.topics.split(',').map(parseTopic)
    const signals = signal === undefined ? [dependencies.closing] : [dependencies.closing, signal]
    return open(new Set(topics), AbortSignal.any(signals))
  })
}

async function* readQueue(
  queue: EventQueue<ManagementEvent>,
  signal: AbortSignal,
  close: () => void,
): AsyncGenerator<ManagementEvent, void, void> {
  try {
    for await (const event of queue.read(signal)) {
      yield 'lost' in event ? { type: 'lost', count: event.lost } : event
    }
  } finally {
    close()
  }
}

function once(action: () => void): () => void {
  let isDone = false
  return () => {
    if (!isDone) action()
    isDone = true
  }
}

function parseTopic(name: string): Topic {
  const topic = topicSchema.options.find((known) => known === name)
  if (topic !== undefined) return topic
  const message = `There is no topic "${name}". There are ${topicSchema.options.join(', ')}.`
  throw managementError('invalid-request', message, { path: 'topics' })
}

type Subscribe = (dependencies: AdminDependencies, push: (event: ManagementEvent) => void) => () => void

const subscriptions: Readonly<Record<Topic, Subscribe>> = {
  accounts: ({ accounts, now }, push) =>
    accounts.subscribe(({ type, account }) => {
      if (type === 'removed') push({ type: 'account-removed', id: account.id })
      else push({ type: 'account-changed', account: viewAccount(account, now()) })
    }),
  logins: ({ logins, now }, push) =>
    logins.subscribe((login) => push({ type: 'login-changed', login: viewLogin(login, now()) })),
  requests: ({ requestFeed }, push) =>
    requestFeed.subscribe((record) => push({ type: 'request', request: viewRequest(record) })),
  settings: ({ settings }, push) =>
    settings.subscribe((_settings, names) => push({ type: 'settings-changed', names: [...names] })),
  'api-keys': ({ keys }, push) => keys.subscribe(() => push({ type: 'api-keys-changed' })),
}
