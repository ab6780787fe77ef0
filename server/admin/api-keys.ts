import type { ApiKey } from '../contract/api-key.ts'
import { isoTimeOrNull } from './account-view.ts'
import type { AdminDependencies } from './dependencies.ts'
import { notFound } from './errors.ts'
import type { Implementer } from './implementer.ts'
import type { KeyView } from './key-service.ts'

/** Client keys: `Contract['apiKeys']`. */
export function implementApiKeys(os: Implementer, { keys }: Pick<AdminDependencies, 'keys'>) {
  const procedures = os.apiKeys
  return {
    list: procedures.list.handler(() => {
      const list = keys.list().map(viewKey)
      return { keys: list, count: list.length }
    }),
    create: procedures.create.handler(async ({ input }) => {
      const { key, view } = await keys.create({ name: input.name, expiresAt: parseTime(input.expires_at) ?? null })
      return { ...viewKey(view), key }
    }),
    get: procedures.get.handler(({ input }) => {
      const key = keys.get(input.id)
      if (key === undefined) throw notFound('API key')
      return viewKey(key)
    }),
    update: procedures.update.handler(async ({ input }) => {
      const { id, name, enabled, expires_at } = input
      return viewKey(await keys.update(id, { name, enabled, expiresAt: parseTime(expires_at) }))
    }),
    delete: procedures.delete.handler(async ({ input }) => {
      await keys.remove(input.id)
      return { deleted: input.id }
    }),
    revoke: procedures.revoke.handler(async ({ input }) => viewKey(await keys.revoke(input.id))),
    rotate: procedures.rotate.handler(async ({ input }) => {
      const { key, view } = await keys.rotate(input.id)
      return { ...viewKey(view), key }
    }),
  }
}

function viewKey(key: KeyView): ApiKey {
  const { expiresAt, lastUsedAt, createdAt, updatedAt, ...view } = key
  return {
    ...view,
    expires_at: isoTimeOrNull(expiresAt),
    last_used_at: isoTimeOrNull(lastUsedAt),
    created_at: isoTimeOrNull(createdAt),
    updated_at: isoTimeOrNull(updatedAt),
  }
}

function parseTime(text: string | null | undefined): number | null | undefined {
  return text === null || text === undefined ? text : Date.parse(text)
}
