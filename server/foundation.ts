import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Logger } from 'pino'
import { type AdminToken, loadAdminToken } from './admin/admin-token.ts'
import { createKeyService, type KeyService } from './admin/key-service.ts'
import { createSettingsService, type SettingsService } from './admin/settings-service.ts'
import type { Config } from './config.ts'
import { openSecretStore } from './secrets/open-secret-store.ts'
import type { SecretStore } from './secrets/secret-store.ts'
import { acquireInstanceLock, type InstanceLock } from './store/instance-lock.ts'
import { openStore } from './store/open-store.ts'
import type { Store } from './store/types.ts'

/** What must stand before the server can listen: the data, the secrets, the settings and the keys. */
export interface Foundation {
  readonly config: Config
  readonly log: Logger
  readonly store: Store
  readonly secrets: SecretStore
  readonly settings: SettingsService
  readonly keys: KeyService
  readonly adminToken: AdminToken
  /** Epoch milliseconds. */
  readonly now: () => number
  close(): Promise<void>
}

export interface FoundationDeps {
  readonly config: Config
  readonly log: Logger
  readonly now: () => number
}

/**
 * Opens the data directory. Rejects with `StoreError`, `SecretsUnreadableError` or `ProxyError` in words for a person;
 * nothing is left open then.
 */
export async function layFoundation(deps: FoundationDeps): Promise<Foundation> {
  const { config, log, now } = deps
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 })
  const lock = acquireInstanceLock(join(config.dataDirectory, 'culvert.lock'))
  try {
    return await openAll(deps, lock)
  } catch (error) {
    lock.release()
    throw error
  }

  async function openAll(
    { config: { dataDirectory, databasePath } }: FoundationDeps,
    held: InstanceLock,
  ): Promise<Foundation> {
    const secretStore = openSecretStore({
      dataDirectory,
      ...(config.masterKey === undefined ? {} : { masterKey: config.masterKey }),
    })
    const [secrets, store] = await Promise.all([
      secretStore,
      openStore({
        path: databasePath,
        backupDirectory: join(dirname(databasePath), 'backups'),
        log: (message) => log.info(message),
      }),
    ])
    const settings = await createSettingsService({
      store: store.settings,
      secrets,
      overrides: overridesOf(config),
      overrideSources: { keysRequired: 'OPENAI_KEYS', ...config.overrideSources },
      onUnusable: (name, reason) => log.warn({ name, reason }, 'a stored setting can not be used; its default holds'),
    })
    log.level = settings.current().logLevel
    settings.subscribe(({ logLevel }) => (log.level = logLevel))
    const [keys, adminToken] = await Promise.all([
      createKeyService({
        keys: store.keys,
        secrets,
        environmentKeys: config.clientKeys,
        mustHaveKey: settings.current().keysRequired,
        now,
        onError: (error) => log.error({ error }, 'writing the time of a key failed'),
      }),
      loadAdminToken({ secrets, environmentToken: config.adminToken }),
    ])
    return {
      config,
      log,
      store,
      secrets,
      settings,
      keys,
      adminToken,
      now,
      async close() {
        await keys.close()
        await store.close()
        await secrets.close()
        held.release()
      },
    }
  }
}

/** `OPENAI_KEYS=""`, set but empty, says that no key is asked for (promises.md §1). */
function overridesOf(config: Config): Config['settingOverrides'] {
  return config.clientKeys?.length === 0 ? { ...config.settingOverrides, keysRequired: false } : config.settingOverrides
}
