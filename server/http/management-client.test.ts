import { createORPCClient, isDefinedError, ORPCError, safe } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { OpenAPILink } from '@orpc/openapi-client/fetch'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { contract } from '../contract/contract.ts'
import type { Contract } from '../contract/contract.ts'
import { errorBodySchema } from '../contract/errors.ts'
import { createManagementWorld, planted } from './testing/management-world.ts'
import type { ManagementWorld } from './testing/management-world.ts'

let world: ManagementWorld
let client: ContractRouterClient<Contract>

beforeAll(async () => {
  world = await createManagementWorld()
  client = createORPCClient(
    new OpenAPILink(contract, {
      url: world.url,
      headers: { authorization: `Bearer ${world.adminToken}` },
      customErrorResponseBodyDecoder(body, { status }) {
        const parsed = errorBodySchema.safeParse(body)
        if (!parsed.success) return undefined
        const { code, message, path } = parsed.data.error
        return new ORPCError(code, { status, message, data: { path }, defined: true })
      },
    }),
  )
})

afterAll(() => world.close())

describe('the contract, called by its typed client', () => {
  it('carries inputs, outputs and errors', async () => {
    const account = await client.accounts.create({ label: 'typed', refreshToken: `${planted}-typed`, type: 'kiro' })
    expect(account).toMatchObject({ label: 'typed', type: 'kiro', authMethod: 'social' })
    expect(await client.accounts.list({ enabled: 'true' })).toEqual({ accounts: [account], count: 1 })
    expect(await client.logs.list({ limit: 5 })).toEqual({ records: [], cursor: null })
    expect(await client.accounts.delete({ id: account.id })).toEqual({ deleted: account.id })
    const { error } = await safe(client.accounts.get({ id: account.id }))
    expect(isDefinedError(error) && error.code).toBe('not-found')
  })

  it('carries events until either side has enough', async () => {
    const reader = await client.events({ topics: 'settings,api-keys' })
    const first = reader.next()
    await client.settings.put({ requestLogDays: 9 })
    expect(await first).toMatchObject({ value: { type: 'settings-changed', names: ['requestLogDays'] } })
    await client.apiKeys.create({ name: 'typed' })
    expect(await reader.next()).toMatchObject({ value: { type: 'api-keys-changed' } })
    const last = reader.next()
    world.closing.abort()
    expect(await last).toMatchObject({ done: true })
  })
})
