import { describe, expect, it } from 'vitest'
import type { JsonValue } from '../canonical/json.ts'
import { defaultSettings } from '../contract/settings.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import { createSettingsService } from './settings-service.ts'
import type { SettingsServiceDependencies } from './settings-service.ts'

function createWorld() {
  const stored = new Map<string, JsonValue>()
  const kept = new Map<string, string>()
  const unusable: string[] = []
  const secrets: SecretStore = {
    description: { kind: 'memory', sentence: 'Secrets are in memory.' },
    get: (name) => Promise.resolve(kept.get(name)),
    set: (name, value) => Promise.resolve(void kept.set(name, value)),
    delete: (name) => Promise.resolve(void kept.delete(name)),
    names: () => Promise.resolve([...kept.keys()]),
    close: () => Promise.resolve(),
  }
  const start = (change: Partial<SettingsServiceDependencies> = {}) =>
    createSettingsService({
      store: {
        all: () => Promise.resolve(new Map(stored)),
        set(entries) {
          for (const [name, value] of entries) stored.set(name, value)
          return Promise.resolve()
        },
      },
      secrets,
      overrides: {},
      overrideSources: {},
      onUnusable: (name) => unusable.push(name),
      ...change,
    })
  return { stored, kept, unusable, start }
}

describe('server/admin/settings-service.ts', () => {
  it('takes defaults, then what is stored, then the environment', async () => {
    const { stored, start } = createWorld()
    stored.set('port', 9_000).set('strategy', 'random')
    const service = await start({ overrides: { port: 9_100 }, overrideSources: { port: 'PORT' } })
    expect(service.current()).toEqual({ ...defaultSettings, port: 9_100, strategy: 'random' })
    expect(service.overridden).toEqual(['port'])
  })

  it('changes only what is named, durably, and tells what changed', async () => {
    const { stored, start } = createWorld()
    const service = await start()
    const before = service.current()
    const changes: (readonly string[])[] = []
    service.subscribe((_settings, names) => changes.push(names))
    expect(await service.put({ port: 9_000, logLevel: 'warn' })).toMatchObject({ port: 9_000 })
    expect([...stored]).toEqual([['port', 9_000]])
    expect(changes).toEqual([['port']])
    expect(service.current()).not.toBe(before)
    expect((await start()).current().port).toBe(9_000)
    await service.put({ port: 9_000 })
    expect(changes).toHaveLength(1)
  })

  it.each<[object, string]>([
    [{ port: -1 }, 'port'],
    [{ port: '8788' }, 'port'],
    [{ colour: 'red' }, 'colour'],
    [{ allowedHosts: [''] }, 'allowedHosts.0'],
    [{ upstreamProxy: 'gopher://x' }, 'upstreamProxy'],
    [{ host: '0.0.0.0', keysRequired: false }, 'keysRequired'],
  ])('refuses %o', async (change, param) => {
    const { stored, start } = createWorld()
    const service = await start()
    await expect(service.put(change)).rejects.toMatchObject({ kind: 'invalid-request', param })
    expect(stored.size).toBe(0)
    expect(service.current()).toEqual(defaultSettings)
  })

  it('does not change what the environment sets, but takes it back unchanged', async () => {
    const { stored, start } = createWorld()
    const service = await start({ overrides: { port: 9_100 }, overrideSources: { port: '--port' } })
    await expect(service.put({ port: 9_000 })).rejects.toMatchObject({
      param: 'port',
      message: expect.stringContaining('--port'),
    })
    await service.put({ ...service.view(), strategy: 'random' })
    expect([...stored]).toEqual([['strategy', 'random']])
  })

  it('survives stored values that can not be used, one by one', async () => {
    const { stored, unusable, start } = createWorld()
    stored.set('port', 'many').set('strategy', 'random').set('fromTheFuture', 1)
    const service = await start()
    expect(service.current()).toEqual({ ...defaultSettings, strategy: 'random' })
    expect(unusable).toEqual(['port'])
  })

  it('does not start with an override that can not be used', async () => {
    await expect(createWorld().start({ overrides: { port: 'x' } })).rejects.toMatchObject({ param: 'port' })
  })

  it('asks for keys where the environment opens the address that the stored settings left without', async () => {
    const { stored, unusable, start } = createWorld()
    stored.set('keysRequired', false)
    expect((await start()).current().keysRequired).toBe(false)
    expect((await start({ overrides: { host: '0.0.0.0' } })).current().keysRequired).toBe(true)
    expect(unusable).toEqual(['keysRequired'])
  })

  it("keeps a proxy's password out of the database and out of sight", async () => {
    const { stored, kept, start } = createWorld()
    const proxy = 'http://me:s3cret@proxy.example:3128'
    const service = await start()
    await service.put({ upstreamProxy: proxy })
    expect(service.current().upstreamProxy).toBe(proxy)
    expect(service.view().upstreamProxy).toBe('http://me:***@proxy.example:3128')
    expect(JSON.stringify([...stored])).not.toContain('s3cret')
    expect((await start()).current().upstreamProxy).toBe(proxy)
    await service.put({ upstreamProxy: service.view().upstreamProxy, port: 1 })
    expect(service.current().upstreamProxy).toBe(proxy)
    await service.put({ upstreamProxy: 'none' })
    expect(kept.size).toBe(0)
  })

  it('makes two changes at once one after the other', async () => {
    const { start } = createWorld()
    const service = await start()
    await Promise.all([service.put({ port: 1 }), service.put({ strategy: 'random' }), service.put({ port: 2 })])
    expect(service.current()).toMatchObject({ port: 2, strategy: 'random' })
  })
})
