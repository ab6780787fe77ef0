import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ProxyError } from '../../server/canonical/error.ts'
import type { LoginView } from '../../server/accounts/logins/login-service.ts'
import { startSimulator } from '../../simulator/index.ts'
import type { Simulator } from '../../simulator/index.ts'
import { createMachine } from '../support/accounts/harness.ts'
import type { Machine, Program } from '../support/accounts/harness.ts'

let simulator: Simulator
let machine: Machine
let program: Program

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

beforeEach(async () => {
  simulator.reset()
  simulator.configure({ pace: { deviceIntervalMs: 100 } })
  machine = await createMachine(simulator)
  program = await machine.start()
})

afterEach(() => machine.remove())

async function over(id: string, of: Program = program): Promise<LoginView> {
  return await of.logins.wait(id, { timeoutMs: 10_000 })
}

async function errorOf(promise: Promise<unknown>): Promise<ProxyError> {
  const error: unknown = await promise.then(
    () => new Error('It was expected to fail.'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof ProxyError)) throw error
  return error
}

/** What a browser does with an address that a page sends it to. */
async function visit(address: string): Promise<{ status: number; text: string; location: string | null }> {
  const response = await fetch(address, { redirect: 'manual' })
  return { status: response.status, text: await response.text(), location: response.headers.get('location') }
}

describe('accounts-logins: device login', () => {
  it('becomes an account with profile, models and quota once the person has approved', async () => {
    const login = await program.logins.start({ kind: 'builder-id', label: 'Mine' })
    expect(login.status).toBe('waiting')
    expect(login.verificationUriComplete).toContain(login.userCode)
    await simulator.when((request) => request.route === 'token')
    simulator.approve(login.userCode ?? '', { email: 'me@example.com' })
    const done = await over(login.id)
    expect(done).toMatchObject({ status: 'done', accountId: login.id })
    const outcome = await program.service.refreshDetails(login.id)
    expect(outcome.failures).toEqual([])
    expect(outcome.account).toMatchObject({
      label: 'Mine',
      type: 'kiro',
      authMethod: 'builder-id',
      status: 'ready',
      email: 'me@example.com',
    })
    expect(program.pool.models().map(({ model }) => model.id)).toContain('claude-sonnet-4.5')
    expect(JSON.stringify(outcome.account?.quota)).toContain('base')
    expect((await machine.secrets.names()).filter((name) => name.startsWith('login/'))).toEqual([])
  })

  it('shows no secret in what it tells, and keeps none in the database', async () => {
    const login = await program.logins.start({ kind: 'builder-id' })
    const device = (await machine.secrets.get(`login/${login.id}/device-code`)) ?? 'missing'
    const secret = (await machine.secrets.get(`login/${login.id}/client-secret`)) ?? 'missing'
    for (const text of [JSON.stringify(login), JSON.stringify(await program.store.logins.list())]) {
      expect(text).not.toContain(device)
      expect(text).not.toContain(secret)
    }
  })

  it('ends when the person refuses', async () => {
    const login = await program.logins.start({ kind: 'builder-id' })
    simulator.deny(login.userCode ?? '')
    expect(await over(login.id)).toMatchObject({ status: 'denied', accountId: null })
    expect(program.service.list()).toEqual([])
  })

  it('ends when the code runs out', async () => {
    simulator.configure({ pace: { deviceLifetimeMs: 250 } })
    const login = await program.logins.start({ kind: 'builder-id' })
    expect((await over(login.id)).status).toBe('expired')
  })

  it('ends when it is cancelled, and asks no more', async () => {
    const login = await program.logins.start({ kind: 'builder-id' })
    expect((await program.logins.cancel(login.id)).status).toBe('cancelled')
    simulator.approve(login.userCode ?? '')
    expect((await over(login.id)).status).toBe('cancelled')
    expect(program.service.list()).toEqual([])
    expect(await machine.secrets.get(`login/${login.id}/device-code`)).toBeUndefined()
  })

  it('goes on after a kill in the middle', async () => {
    const login = await program.logins.start({ kind: 'builder-id', label: 'Survivor' })
    await simulator.when((request) => request.route === 'token')
    await program.kill()
    simulator.approve(login.userCode ?? '')
    const again = await machine.start()
    await again.logins.resumeAll()
    expect(await over(login.id, again)).toMatchObject({ status: 'done', label: 'Survivor' })
    expect(again.service.get(login.id)?.label).toBe('Survivor')
    expect(await again.tokens.fresh(login.id)).not.toBe('')
  })

  it('finishes from its journal when the kill came after the service had given the tokens', async () => {
    const login = await program.logins.start({ kind: 'builder-id' })
    const { insert } = program.store.accounts
    const reached = new Promise<void>((resolve) => {
      program.store.accounts.insert = () => {
        resolve()
        return new Promise(() => undefined)
      }
    })
    simulator.approve(login.userCode ?? '')
    await reached
    program.store.accounts.insert = insert
    await program.kill()
    const again = await machine.start()
    await again.logins.resumeAll()
    expect(again.logins.get(login.id)?.status).toBe('done')
    expect(again.service.list()).toHaveLength(1)
    expect(await again.tokens.fresh(login.id)).not.toBe('')
  })

  it('makes no second account when the kill came before the login was noted as done', async () => {
    const login = await program.logins.start({ kind: 'builder-id' })
    const reached = new Promise<void>((resolve) => {
      const { put } = program.store.logins
      program.store.logins.put = (row) => {
        if (row.status !== 'done') return put(row)
        resolve()
        return new Promise(() => undefined)
      }
    })
    simulator.approve(login.userCode ?? '')
    await reached
    await program.kill()
    const again = await machine.start()
    await again.logins.resumeAll()
    expect(again.logins.get(login.id)).toMatchObject({ status: 'done', accountId: login.id })
    expect(again.service.list()).toHaveLength(1)
    expect(simulator.refreshTokenReuse).toBe(0)
  })

  it('survives a service that is down for a moment', async () => {
    simulator.setFault({ name: 'internal-error', on: 'token', times: 1 })
    const login = await program.logins.start({ kind: 'builder-id' })
    await simulator.when((request) => request.route === 'token' && request.status === 500)
    expect(program.logins.get(login.id)?.status).toBe('waiting')
  })

  it('slows down when it is told to', async () => {
    simulator.setFault({ name: 'slow-down', on: 'token', times: 1 })
    const slowed = new Promise<LoginView>((resolve) => {
      program.logins.subscribe((view) => {
        if (view.status === 'slow-down') resolve(view)
      })
    })
    await program.logins.start({ kind: 'builder-id' })
    expect((await slowed).intervalMs).toBe(5_100)
  })

  it('signs an account in again in place', async () => {
    const login = await program.logins.start({ kind: 'builder-id', label: 'Mine' })
    simulator.approve(login.userCode ?? '')
    await over(login.id)
    await program.service.update(login.id, { other: { priority: 3 } })
    const [simulated] = simulator.received.filter(({ accountId }) => accountId !== undefined)
    simulator.revokeRefreshToken(simulated?.accountId ?? '')
    const token = await program.tokens.fresh(login.id)
    expect((await errorOf(program.tokens.renew(login.id, token))).kind).toBe('sign-in-needed')
    expect(program.service.get(login.id)?.status).toBe('sign-in-needed')

    const second = await program.logins.start({ kind: 'builder-id', targetAccountId: login.id })
    simulator.approve(second.userCode ?? '')
    expect(await over(second.id)).toMatchObject({ status: 'done', accountId: login.id })
    expect(program.service.list()).toHaveLength(1)
    expect(program.service.get(login.id)).toMatchObject({ label: 'Mine', status: 'ready', other: { priority: 3 } })
    expect(await program.tokens.fresh(login.id)).not.toBe(token)
  })
})

describe('accounts-logins: IAM Identity Center', () => {
  it('finds the profile and with it the region of the API', async () => {
    const login = await program.logins.start({
      kind: 'idc',
      startUrl: 'https://acme.awsapps.com/start/#/',
      region: 'eu-west-1',
    })
    simulator.approve(login.userCode ?? '', { kind: 'idc', apiRegion: 'eu-central-1' })
    await over(login.id)
    const { account, failures } = await program.service.refreshDetails(login.id)
    expect(failures).toEqual([])
    expect(account).toMatchObject({
      authMethod: 'idc',
      ssoRegion: 'eu-west-1',
      startUrl: 'https://acme.awsapps.com/start',
      apiRegion: 'eu-central-1',
    })
    expect(account?.profileArn).toContain(':eu-central-1:')
  })

  it('says which region is the right one', async () => {
    simulator.setFault({ name: 'invalid-request-region', on: 'device-authorization' })
    const start = { kind: 'idc', startUrl: 'https://acme.awsapps.com/start', region: 'us-east-1' } as const
    const error = await errorOf(program.logins.start(start))
    expect(error).toMatchObject({ kind: 'invalid-request' })
    expect(['region', 'startUrl']).toContain(error.param)
  })

  for (const [startUrl, region, param] of [
    ['http://acme.awsapps.com/start', 'us-east-1', 'startUrl'],
    ['https://acme.awsapps.com.evil.example/start', 'us-east-1', 'startUrl'],
    ['https://identitycenter.amazonaws.com/ssoins-12', 'us-east-1', 'startUrl'],
    ['https://acme.awsapps.com/start', 'x.evil.example/', 'region'],
    [undefined, 'us-east-1', 'startUrl'],
  ] as const) {
    it(`refuses ${startUrl} in ${region}`, async () => {
      const start = { kind: 'idc', region, ...(startUrl === undefined ? {} : { startUrl }) } as const
      expect(await errorOf(program.logins.start(start))).toMatchObject({ kind: 'invalid-request', param })
    })
  }
})

describe('accounts-logins: social', () => {
  it('comes back to the loopback listener and becomes an account', async () => {
    const login = await program.logins.start({ kind: 'social' })
    expect(login.acceptsCallbackUrl).toBe(true)
    const back = simulator.choose(login.verificationUriComplete ?? '', 'google', { email: 'g@example.com' })
    const page = await visit(back)
    expect(page).toMatchObject({ status: 200 })
    expect(page.text).toContain('Signed in')
    expect(await over(login.id)).toMatchObject({ status: 'done' })
    expect(program.service.get(login.id)).toMatchObject({ authMethod: 'social', clientId: null })
    expect(program.service.get(login.id)?.profileArn).toContain('arn:aws:codewhisperer:')
    const token = await program.tokens.fresh(login.id)
    expect(await program.tokens.renew(login.id, token)).not.toBe(token)
    expect(await fetch(back).catch(() => 'refused')).toBe('refused')
  })

  it('takes the address by hand where the browser is elsewhere', async () => {
    const login = await program.logins.start({ kind: 'social' })
    const back = simulator.choose(login.verificationUriComplete ?? '', 'github')
    expect(await program.logins.submitCallbackUrl(login.id, ` ${back}\n`)).toMatchObject({ status: 'done' })
  })

  it('refuses an address of another sign-in, and stays open', async () => {
    const login = await program.logins.start({ kind: 'social' })
    const other = await program.logins.start({ kind: 'social' })
    const back = simulator.choose(other.verificationUriComplete ?? '', 'github')
    expect(await errorOf(program.logins.submitCallbackUrl(login.id, back))).toMatchObject({ param: 'url' })
    expect(program.logins.get(login.id)?.status).toBe('waiting')
    const port = new URL(login.verificationUriComplete ?? '').searchParams.get('redirect_uri')
    expect((await visit(`${port}/oauth/callback?code=x&state=y`)).status).toBe(400)
    expect((await visit(`${port}/elsewhere`)).status).toBe(400)
    expect(program.logins.get(login.id)?.status).toBe('waiting')
  })

  it('ends when the person refuses', async () => {
    const login = await program.logins.start({ kind: 'social' })
    await visit(simulator.choose(login.verificationUriComplete ?? '', 'deny'))
    expect((await over(login.id)).status).toBe('denied')
  })

  it('turns into a device login when the person chooses AWS on the page', async () => {
    const login = await program.logins.start({ kind: 'social' })
    const page = await visit(simulator.choose(login.verificationUriComplete ?? '', 'builderid'))
    expect(page.status).toBe(302)
    const device = program.logins.get(login.id)
    expect(device).toMatchObject({ kind: 'builder-id', status: 'waiting', verificationUriComplete: page.location })
    simulator.approve(device?.userCode ?? '')
    await over(login.id)
    expect(program.service.get(login.id)).toMatchObject({ authMethod: 'builder-id' })
  })

  it('goes on after a kill: the listener is there again on the same port', async () => {
    const login = await program.logins.start({ kind: 'social' })
    const back = simulator.choose(login.verificationUriComplete ?? '', 'google')
    await program.kill()
    const again = await machine.start()
    await again.logins.resumeAll()
    expect((await visit(back)).status).toBe(200)
    expect((await over(login.id, again)).status).toBe('done')
  })

  it('answers on ::1 too, and on no other host name', async () => {
    const login = await program.logins.start({ kind: 'social' })
    const { port } = new URL(new URL(login.verificationUriComplete ?? '').searchParams.get('redirect_uri') ?? '')
    expect((await visit(`http://127.0.0.1:${port}/`)).status).toBe(400)
    // A computer without IPv6 has no such listener.
    const six = await visit(`http://[::1]:${port}/`).catch(() => ({ status: 400 }))
    expect(six.status).toBe(400)
    const { request } = await import('node:http')
    const status = await new Promise<number | undefined>((resolve, reject) => {
      request(
        { host: '127.0.0.1', port, path: '/oauth/callback', headers: { host: `evil.example:${port}` } },
        (response) => {
          response.resume()
          resolve(response.statusCode)
        },
      )
        .on('error', reject)
        .end()
    })
    expect(status).toBe(400)
  })
})
