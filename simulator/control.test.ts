import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSimulator, type IssuedAccount, type Simulator } from './index.ts'
import { generate, message, textOf } from './test-client.ts'

let simulator: Simulator

beforeAll(async () => {
  simulator = await startSimulator()
})

afterAll(() => simulator.close())

async function command(name: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${simulator.url}/control/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: response.status, body: await response.json() }
}

describe('control', () => {
  it('lets another process make accounts, scripts and faults', async () => {
    const account = (await command('issue-account', { kind: 'idc' })).body as IssuedAccount
    expect(account.profileArn).toContain('arn:aws:codewhisperer:us-east-1:')
    await command('script', { steps: [{ scenario: 'text', parameters: { text: 'scripted' } }] })
    expect(textOf(await generate(simulator, account, message('x')))).toBe('scripted')
    await command('fault', { fault: { name: 'capacity' }, accountId: account.id })
    expect((await generate(simulator, account, message('x'))).status).toBe(429)
    await command('fault', { fault: null, accountId: account.id })
    await command('expire-access-tokens', {})
    expect((await generate(simulator, account, message('x'))).status).toBe(403)
  })

  it('tells the state', async () => {
    const response = await fetch(`${simulator.url}/control/state?last=1`)
    expect(await response.json()).toMatchObject({ refreshTokenReuse: 0, clientAborts: 0, received: [{ status: 0 }] })
  })

  it('says what is wrong with a command', async () => {
    expect(await command('script', { steps: ['nothing'] })).toEqual({
      status: 400,
      body: { message: 'The simulator knows no scenario "nothing".' },
    })
    expect((await command('nothing', {})).status).toBe(404)
    const form = await fetch(`${simulator.url}/control/reset`, { method: 'POST', body: new URLSearchParams() })
    expect(form.status).toBe(404)
  })

  it('shows a page to a person', async () => {
    const html = await (await fetch(simulator.url)).text()
    expect(html).toContain(`AMAZONQ_TOKEN_ENDPOINT=${simulator.url}/oidc`)
    expect(html).toContain('write-and-read')
  })
})
