import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createKeyringHome,
  keyringSessionMissing,
  type KeyringHome,
  type KeyringRunOptions,
} from '../../lib/keyring-session.ts'

const missing = keyringSessionMissing()
const secretsDirectory = join(import.meta.dirname, '../../../server/secrets')
const token = 'account/6ec3f27c-0000-4000-8000-000000000001/refresh-token'

let home: KeyringHome
let dataDirectory: string

/** Runs the body with an open store `secrets`, `keychain` (the raw port) and `out`, which is what it gives back. */
async function inSession<Out>(body: string, options: KeyringRunOptions = {}): Promise<Out> {
  const script = `
    import { openKeychain } from ${JSON.stringify(join(secretsDirectory, 'keychain.ts'))}
    import * as items from ${JSON.stringify(join(secretsDirectory, 'keychain-item.ts'))}
    import { openSecretStore } from ${JSON.stringify(join(secretsDirectory, 'open-secret-store.ts'))}
    const out: Record<string, unknown> = {}
    const open = (more = {}) => openSecretStore({ dataDirectory: ${JSON.stringify(dataDirectory)}, ...more })
    const keychain = await openKeychain({ service: 'Culvert', timeoutMs: 20_000 })
    const token = ${JSON.stringify(token)}
    try { ${body} } catch (error) { out.error = error.name + ': ' + error.message }
    console.log(JSON.stringify(out))
    process.exit(0)`
  const result = await home.runScript(script, options)
  if (result.code !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as Out
}

const vaultText = (): Promise<string> => readFile(join(dataDirectory, 'vault.json'), 'utf8')

beforeEach(async () => {
  if (missing !== undefined) return
  home = await createKeyringHome()
  dataDirectory = join(home.directory, 'data')
  await mkdir(dataDirectory)
})

afterEach(async () => {
  if (missing === undefined) await home.remove()
})

describe.skipIf(missing !== undefined)(`the OS keychain${missing === undefined ? '' : `: skipped, ${missing}`}`, () => {
  it('keeps refresh tokens as items and all else in a vault under a key of its own', async () => {
    const first = await inSession<{ kind: string; sentence: string; item: string; key: string; names: string[] }>(`
      const secrets = await open()
      await secrets.set(token, 'refresh-1')
      await secrets.set('server/admin-token', 'admin-1')
      out.kind = secrets.description.kind
      out.sentence = secrets.description.sentence
      out.item = await keychain.get('6ec3f27c-0000-4000-8000-000000000001')
      out.key = await keychain.get('vault-key')
      out.names = await secrets.names()
    `)
    expect(first.kind).toBe('keychain')
    expect(first.sentence).toContain('Refresh tokens are in the keyring of this desktop')
    expect(first.item).toBe('refresh-1')
    expect(Buffer.from(first.key, 'base64')).toHaveLength(32)
    expect(first.names.toSorted()).toEqual([token, 'server/admin-token'])
    const vault = await vaultText()
    for (const secret of ['refresh-1', 'admin-1', first.key]) expect(vault).not.toContain(secret)

    const second = await inSession<{ token: string; admin: string; gone: string | null; left: string[] }>(`
      const secrets = await open()
      out.token = await secrets.get(token)
      out.admin = await secrets.get('server/admin-token')
      await secrets.delete(token)
      out.gone = (await secrets.get(token)) ?? (await keychain.get('6ec3f27c-0000-4000-8000-000000000001')) ?? null
      out.left = await secrets.names()
    `)
    expect(second).toEqual({ token: 'refresh-1', admin: 'admin-1', gone: null, left: ['server/admin-token'] })
  })

  it('stops, and changes nothing, when the keyring is locked, gone or has lost the key', async () => {
    await inSession(
      `const secrets = await open(); await secrets.set(token, 'refresh-1'); await secrets.set('a/b', 'c')`,
    )
    const before = await vaultText()

    const locked = await inSession<{ error: string }>('await open()', { unlocked: false })
    expect(locked.error).toMatch(/^SecretsUnreadableError: .*can't be used now: .*Unlock the keychain/u)

    const off = await inSession<{ error: string }>(`await open({ keychain: 'off' })`)
    expect(off.error).toContain('its use is switched off')

    const lost = await inSession<{ error: string }>(`await keychain.delete('vault-key'); await open()`)
    expect(lost.error).toMatch(/^SecretsUnreadableError: .*is no longer there/u)

    const other = await inSession<{ error: string }>(
      `await keychain.set('vault-key', Buffer.alloc(32, 7).toString('base64')); await open()`,
    )
    expect(other.error).toContain('is not the one that sealed it')
    expect(await vaultText()).toBe(before)
  })

  it('falls back to a key file where the keyring keeps nothing, and says why', async () => {
    const result = await inSession<{ kind: string; sentence: string; value: string }>(
      `
      const secrets = await open()
      await secrets.set(token, 'refresh-1')
      out.kind = secrets.description.kind
      out.sentence = secrets.description.sentence
      out.value = await secrets.get(token)
    `,
      { unlocked: false },
    )
    expect(result.kind).toBe('vault')
    expect(result.sentence).toContain("The keychain can't be used: ")
    expect(result.value).toBe('refresh-1')

    const later = await inSession<{ kind: string; value: string }>(
      `const secrets = await open(); out.kind = secrets.description.kind; out.value = await secrets.get(token)`,
    )
    expect(later).toEqual({ kind: 'vault', value: 'refresh-1' })
  })

  it('moves everything under MASTER_KEY when it is set, tokens included', async () => {
    await inSession(
      `const secrets = await open(); await secrets.set(token, 'refresh-1'); await secrets.set('a/b', 'c')`,
    )
    const masterKey = Buffer.alloc(40, 3).toString('base64')
    const moved = await inSession<{ values: (string | null)[]; item: string | null }>(`
      const secrets = await open({ masterKey: ${JSON.stringify(masterKey)} })
      out.values = [await secrets.get(token), await secrets.get('a/b')]
      out.item = (await keychain.get('6ec3f27c-0000-4000-8000-000000000001')) ?? null
    `)
    expect(moved).toEqual({ values: ['refresh-1', 'c'], item: null })
    const again = await inSession<{ value: string }>(
      `out.value = await (await open({ masterKey: ${JSON.stringify(masterKey)}, keychain: 'off' })).get(token)`,
    )
    expect(again.value).toBe('refresh-1')
    expect((await inSession<{ error: string }>('await open()')).error).toContain('MASTER_KEY, which is not set')
  })

  it('keeps a value in parts where an item is limited, and reaches the same items through the keytar API', async () => {
    const result = await inSession<{ read: string[]; raw: (string | null)[] }>(`
      const keytar = await openKeychain({ service: 'Culvert', timeoutMs: 20_000, pinSecretService: false })
      const limited = { ...keytar, itemLimit: 1200 }
      const long = 'é€😀x'.repeat(1000)
      out.read = []
      for (const value of [long, long + '!', 'short', '', 'culvert-parts:a:0:' + '0'.repeat(64)]) {
        await items.writeKeychainItem(limited, 'one', value)
        out.read.push((await items.readKeychainItem(keychain, 'one')) === value)
      }
      await items.deleteKeychainItem(limited, 'one')
      out.raw = []
      for (const part of ['one', 'one#a1', 'one#a4', 'one#b1', 'one#b4']) out.raw.push((await keychain.get(part)) ?? null)
    `)
    expect(result.read).toEqual([true, true, true, true, true])
    expect(result.raw).toEqual([null, null, null, null, null])
  })

  it('loses no token that it acknowledged before a kill -9', async () => {
    const script = join(home.directory, 'rotate.ts')
    await writeFile(
      script,
      `import { openSecretStore } from ${JSON.stringify(join(secretsDirectory, 'open-secret-store.ts'))}
       const secrets = await openSecretStore({ dataDirectory: ${JSON.stringify(dataDirectory)} })
       for (let round = 1; ; round += 1) {
         await secrets.set(${JSON.stringify(token)}, 'token-' + round)
         await secrets.set('account/x/access-token', 'access-' + round)
         console.log(String(round))
       }`,
    )
    const child = home.spawn([process.execPath, script])
    let acknowledged = 0
    for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
      acknowledged = Number(line)
      if (acknowledged === 12) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close')
    const { values } = await inSession<{ values: [string, string] }>(`
      const secrets = await open()
      out.values = [await secrets.get(token), await secrets.get('account/x/access-token')]
    `)
    const rounds = values.map((value) => Number(value.split('-')[1]))
    for (const round of rounds) {
      expect(round).toBeGreaterThanOrEqual(acknowledged)
      expect(round).toBeLessThanOrEqual(acknowledged + 1)
    }
  })
})
