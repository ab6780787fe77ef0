import { describe, expect, it } from 'vitest'
import { createMemorySecretStore } from './memory.ts'

describe('memory', () => {
  it('gives back what it was given', async () => {
    const store = createMemorySecretStore({ 'server/api-key': 'key' })
    await store.set('a/b', 'c')
    await store.delete('server/api-key')
    expect(await store.get('a/b')).toBe('c')
    expect(await store.get('server/api-key')).toBeUndefined()
    expect(await store.names()).toEqual(['a/b'])
    expect(store.description.kind).toBe('memory')
    await store.close()
  })
})
