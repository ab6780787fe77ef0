import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAmazonQBackend } from '../../server/backends/amazon-q/backend.ts'
import type { EndpointBases } from '../../server/backends/amazon-q/backend.ts'
import type { Backend, BackendAccount, BackendCall, BackendStream } from '../../server/backends/backend.ts'
import { createUpstreamClient } from '../../server/backends/fetch-upstream.ts'
import type { UpstreamClient } from '../../server/backends/fetch-upstream.ts'
import { ProxyError } from '../../server/canonical/error.ts'
import type { CompletionEvent } from '../../server/canonical/event.ts'
import type { CompletionRequest } from '../../server/canonical/request.ts'
import { startSimulator } from '../../simulator/index.ts'
import type { AccountOptions, IssuedAccount, ScriptStep, Simulator } from '../../simulator/index.ts'

let simulator: Simulator
let client: UpstreamClient

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(() => {
  simulator.reset()
  client = createUpstreamClient({ proxy: 'none' })
})

afterEach(() => client.close())

function bases(changes: EndpointBases = {}): EndpointBases {
  return { qBase: `${simulator.url}/q`, kiroRuntimeBase: `${simulator.url}/runtime`, ...changes }
}

function backend(changes: EndpointBases = {}): Backend {
  return createAmazonQBackend({ client, endpoints: bases(changes) })
}

function request(text: string, changes: Partial<CompletionRequest> = {}): CompletionRequest {
  return {
    model: 'claude-sonnet-4.5',
    system: [],
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    tools: [],
    toolChoice: { type: 'auto' },
    sampling: {},
    stream: true,
    extras: {},
    ...changes,
  }
}

const options = { userAgent: 'Culvert/9.9 (test)', optOutOfTraining: true, cachePoints: false }

interface Signed {
  readonly issued: IssuedAccount
  readonly account: BackendAccount
}

function signedIn(as: AccountOptions = {}, changes: Partial<BackendAccount> = {}): Signed {
  const issued = simulator.issueAccount(as)
  return {
    issued,
    account: {
      id: issued.id,
      type: 'kiro',
      authMethod: issued.kind,
      apiRegion: as.apiRegion ?? 'us-east-1',
      options: {},
      ...(issued.profileArn === undefined ? {} : { profileArn: issued.profileArn }),
      ...changes,
    },
  }
}

function call({ issued, account }: Signed, changes: Partial<BackendCall> = {}): BackendCall {
  return {
    account,
    accessToken: issued.accessToken,
    request: request('Say hello.'),
    conversationId: '5b0c1a52-8f3d-4a51-9a57-0c6d6f5f1e11',
    signal: new AbortController().signal,
    timeouts: { firstByteMs: 5_000, idleMs: 5_000 },
    options,
    ...changes,
  }
}

async function read(stream: BackendStream): Promise<{ events: CompletionEvent[]; text: string }> {
  const events: CompletionEvent[] = []
  for await (const batch of stream.events) {
    expect(batch.length).toBeGreaterThan(0)
    events.push(...batch)
  }
  const text = events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('')
  return { events, text }
}

async function errorOf(promise: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await promise.then(
    () => new Error('It was expected to fail.'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProxyError)) throw error
  return error
}

function endpoints(): string[] {
  return simulator.received.filter(({ route }) => route === 'generate').map(({ endpoint }) => endpoint ?? '?')
}

describe('amazon-q backend: endpoints', () => {
  it('asks E1 for a Builder ID, E2 for an account with a profile, and says honestly who it is', async () => {
    await read(await backend().stream(call(signedIn())))
    await read(await backend().stream(call(signedIn({ kind: 'idc' }))))
    expect(endpoints()).toEqual(['E1', 'E2'])
    for (const { headers } of simulator.received) {
      expect(headers['user-agent']).toBe('Culvert/9.9 (test)')
      expect(headers['x-amz-user-agent']).toBe('Culvert/9.9 (test)')
      expect(headers['x-amzn-codewhisperer-optout']).toBe('true')
    }
  })

  it('answers with well-formed events, the repairs and the request id', async () => {
    let responses = 0
    const stream = await backend().stream(call(signedIn(), { onResponse: () => responses++ }))
    const { events, text } = await read(stream)
    expect(events[0]?.type).toBe('message-start')
    expect(events.at(-1)?.type).toBe('finish')
    expect(text).not.toBe('')
    expect(responses).toBe(1)
  })

  it('goes on to the next endpoint when a profile is demanded, and remembers that', async () => {
    const same = backend()
    const account = signedIn({ kind: 'social' }, { options: { endpoints: ['runtime', 'q-json'] } })
    const { profileArn: _profileArn, ...withoutArn } = account.account
    const signed = { issued: account.issued, account: withoutArn }
    await read(await same.stream(call(signed)))
    await read(await same.stream(call(signed)))
    expect(endpoints()).toEqual(['E4', 'E1', 'E1'])
  })

  it('fails when every endpoint demands a profile', async () => {
    const { issued, account } = signedIn({ kind: 'idc' }, { options: { endpoints: ['q-rest', 'runtime'] } })
    const { profileArn: _profileArn, ...withoutArn } = account
    const error = await errorOf(backend().stream(call({ issued, account: withoutArn })))
    expect(error).toMatchObject({ kind: 'feature-not-supported', upstreamStatus: 400 })
    expect(endpoints()).toEqual(['E2', 'E4'])
  })

  it('leaves agentTaskType out where Kiro’s host refuses it, and remembers that', async () => {
    simulator.configure({ behaviour: { agentMembersOnKiroHost: 'refused' } })
    const same = backend()
    const signed = signedIn({ kind: 'social' }, { options: { endpoints: ['runtime'] } })
    await read(await same.stream(call(signed)))
    await read(await same.stream(call(signed)))
    expect(simulator.received.map(({ status }) => status)).toEqual([400, 200, 200])
  })

  it('does not try another endpoint for any other 400', async () => {
    simulator.setFault('improperly-formed')
    const error = await errorOf(backend().stream(call(signedIn({ kind: 'social' }))))
    expect(error.kind).toBe('invalid-request')
    expect(endpoints()).toHaveLength(1)
  })

  it('goes where the account says', async () => {
    const signed = signedIn({}, { options: { api_endpoint: `${simulator.url}/q/us-east-1` } })
    await read(await backend({ qBase: 'http://127.0.0.1:9' }).stream(call(signed)))
    expect(endpoints()).toEqual(['E1'])
    const odd = signedIn({}, { options: { api_endpoint: 'file:///etc/passwd' } })
    expect((await errorOf(backend().stream(call(odd)))).message).toContain('api_endpoint')
  })
})

describe('amazon-q backend: failures', () => {
  it('sends again without earlier reasoning when a signature is refused, and says so', async () => {
    simulator.setFault({ name: 'thinking-signature-invalid', times: 1 })
    const signed = signedIn({ kind: 'social' })
    const stream = await backend().stream(call(signed))
    expect(stream.repairs.map(({ rule }) => rule)).toContain('reasoning-signature-refused')
    expect((await read(stream)).text).not.toBe('')
    simulator.setFault('thinking-signature-invalid')
    expect((await errorOf(backend().stream(call(signed)))).kind).toBe('signature-invalid')
    expect(endpoints()).toHaveLength(4)
  })

  const cases: [ScriptStep, string][] = [
    [{ fault: 'html-200' }, 'upstream-invalid'],
    [{ fault: 'bad-gateway' }, 'upstream-error'],
    [{ fault: 'gateway-timeout' }, 'upstream-error'],
    [{ fault: 'empty-body' }, 'empty-response'],
    [{ fault: 'cut-before-headers' }, 'network'],
    [{ fault: 'cut-before-first-byte' }, 'network'],
    [{ fault: { name: 'exception-first', type: 'ThrottlingException' } }, 'rate-limited'],
    [{ fault: 'corrupt-crc', scenario: 'default' }, 'upstream-invalid'],
    [{ fault: 'corrupt-prelude', scenario: 'default' }, 'upstream-invalid'],
    [{ fault: 'lying-length', scenario: 'default' }, 'upstream-invalid'],
    [{ fault: 'end-midframe', scenario: 'default' }, 'upstream-invalid'],
    [{ fault: 'cut-midstream', scenario: 'default' }, 'network'],
    [{ fault: { name: 'stall-midstream' }, scenario: 'default' }, 'timeout'],
    [{ fault: 'stall-before-headers' }, 'timeout'],
    [{ fault: 'stall-before-first-byte' }, 'timeout'],
  ]
  for (const [step, kind] of cases) {
    it(`says ${kind} for ${JSON.stringify(step)}`, async () => {
      simulator.script([step])
      const use = call(signedIn(), { timeouts: { firstByteMs: 300, idleMs: 300 } })
      const error = await errorOf(backend().stream(use).then(read))
      expect(error.kind).toBe(kind)
      expect(error.message).toMatch(/^[A-Z“0-9].*\.$|.*"$/su)
    })
  }

  it('delivers what came whole before the damage', async () => {
    simulator.script([{ fault: { name: 'corrupt-crc', afterFrames: 3 }, scenario: 'default' }])
    const stream = await backend().stream(call(signedIn()))
    const seen: CompletionEvent[] = []
    const error = await errorOf(
      (async () => {
        for await (const batch of stream.events) seen.push(...batch)
      })(),
    )
    expect(error.kind).toBe('upstream-invalid')
    expect(seen.some(({ type }) => type === 'text-delta')).toBe(true)
  })

  for (const chunking of ['one-byte-chunks', 'odd-chunks'] as const) {
    it(`reads the same text from ${chunking}`, async () => {
      const signed = signedIn()
      const { text } = await read(await backend().stream(call(signed)))
      simulator.script([{ fault: chunking, scenario: 'default' }])
      expect((await read(await backend().stream(call(signed)))).text).toBe(text)
    })
  }

  it('closes the upstream at once when the client leaves, in either way', async () => {
    simulator.configure({ pace: { frameDelayMs: 50 } })
    const leaving = new AbortController()
    const stream = await backend().stream(call(signedIn(), { signal: leaving.signal }))
    const reading = errorOf(read(stream))
    leaving.abort()
    expect((await reading).kind).toBe('cancelled')
    await simulator.when(({ outcome }) => outcome === 'aborted')

    const other = await backend().stream(call(signedIn()))
    for await (const _batch of other.events) break
    await simulator.when(() => simulator.clientAborts === 2)
  })

  it('leaves the upstream when a stop sequence is met', async () => {
    simulator.configure({ pace: { frameDelayMs: 20 } })
    const text = await read(await backend().stream(call(signedIn()))).then((answer) => answer.text)
    const word = /\b\w{3,}\b/u.exec(text.slice(5))?.[0] ?? ' '
    const sampling = { stopSequences: [word] }
    const stream = await backend().stream(call(signedIn(), { request: request('Say hello.', { sampling }) }))
    const { events } = await read(stream)
    expect(events.at(-1)).toMatchObject({ type: 'finish', reason: 'stop-sequence', stopSequence: word })
  })
})

describe('amazon-q backend: control plane', () => {
  const control = ({ issued, account }: Signed) => ({
    account,
    accessToken: issued.accessToken,
    signal: new AbortController().signal,
    options,
  })

  it('lists models over several pages', async () => {
    simulator.configure({ behaviour: { modelPageSize: 2 } })
    const models = await backend().models?.(control(signedIn({ kind: 'social', plan: 'power' })))
    expect(models?.length).toBeGreaterThan(2)
    expect(new Set(models?.map(({ id }) => id)).size).toBe(models?.length)
    expect(models?.find(({ id }) => id === 'claude-sonnet-4.5')?.contextWindow).toBe(200_000)
  })

  it('reads the quota', async () => {
    const signed = signedIn({ kind: 'social', credits: { used: 12.5, limit: 1_000 }, email: 'q@example.com' })
    const quota = await backend().quota?.(control(signed))
    expect(quota?.email).toBe('q@example.com')
    expect(quota?.buckets.find(({ kind }) => kind === 'base')).toMatchObject({ used: 12.5, limit: 1_000 })
  })

  it('finds profiles in both regions', async () => {
    const signed = signedIn({ kind: 'idc', apiRegion: 'eu-central-1' }, { apiRegion: 'us-east-1' })
    const profiles = await backend({ qBase: `${simulator.url}/q/{region}` }).profiles?.(control(signed))
    expect(profiles?.map(({ region }) => region)).toEqual(['eu-central-1'])
  })

  it('finds none for a Builder ID, without an error', async () => {
    expect(await backend().profiles?.(control(signedIn()))).toEqual([])
  })

  it('asks the other region after a 403, and without the profile after a 400', async () => {
    const elsewhere = signedIn({ kind: 'idc', apiRegion: 'eu-central-1' }, { apiRegion: 'us-east-1' })
    const regional = backend({ qBase: `${simulator.url}/q/{region}` })
    expect((await regional.quota?.(control(elsewhere)))?.buckets.length).toBeGreaterThan(0)
    simulator.setFault({ name: 'improperly-formed', on: 'usage', times: 1 })
    expect((await backend().quota?.(control(signedIn({ kind: 'social' }))))?.buckets.length).toBeGreaterThan(0)
  })

  it('throws the first answer when nothing helps', async () => {
    simulator.setFault({ name: 'internal-error', on: 'models' })
    const failing = backend().models?.(control(signedIn())) ?? Promise.resolve()
    expect((await errorOf(failing)).kind).toBe('upstream-error')
    const { account, issued } = signedIn()
    const refused = backend().models?.(control({ account, issued: { ...issued, accessToken: 'nonsense' } }))
    expect((await errorOf(refused ?? Promise.resolve())).kind).toBe('token-invalid')
  })
})
