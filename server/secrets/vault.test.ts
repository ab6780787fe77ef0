import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SecretsNotSavedError, SecretsUnreadableError } from './secret-store.ts'
import { listVaultBackups } from './vault-backup.ts'
import { readVaultFile } from './vault-file.ts'
import { openVault, type Vault } from './vault.ts'

const key = { kind: 'key-file', secret: randomBytes(32) } as const

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'culvert-vault-'))
  path = join(directory, 'vault.json')
})

afterEach(() => rm(directory, { recursive: true, force: true }))

async function reopen(secret: Uint8Array = key.secret): Promise<Vault> {
  return openVault(path, await readVaultFile(path), { kind: 'key-file', secret })
}

async function filled(count = 3): Promise<Vault> {
  const vault = await reopen()
  await vault.change(({ secrets }) => {
    for (let index = 0; index < count; index += 1) secrets.set(`account/${index}/access-token`, `token-${index}`)
  })
  return vault
}

/** The error of opening, after checking that the file was left alone. */
async function openError(secret?: Uint8Array): Promise<string> {
  const before = await readFile(path)
  const outcome = await reopen(secret).catch((error: unknown) => error)
  expect(outcome).toBeInstanceOf(SecretsUnreadableError)
  expect(await readFile(path)).toEqual(before)
  return outcome instanceof Error ? outcome.message : ''
}

describe('vault', () => {
  it('gives back what it was given, after a restart too, and shows none of it in its file', async () => {
    const vault = await reopen()
    const secrets = new Map([
      ['server/admin-token', 'an admin token'],
      ['account/1/client-secret', 'x'.repeat(5000)],
      ['account/1/access-token', ''],
      ['odd "näme" ✓', 'välue 😀\u0000\n'],
      ['__proto__', 'polluted'],
    ])
    await vault.change((draft) => secrets.forEach((value, name) => draft.secrets.set(name, value)))
    expect((await reopen()).content.secrets).toEqual(secrets)
    expect(await readFile(path, 'utf8')).not.toContain('an admin token')
  })

  it.skipIf(process.platform === 'win32')('is readable for its user only', async () => {
    await filled()
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('writes changes made together in one go, and later ones after it', async () => {
    const vault = await filled()
    const done: number[] = []
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        await vault.change(({ secrets }) => void secrets.set('counter', String(index)))
        done.push(index)
      }),
    )
    expect(done).toEqual(Array.from({ length: 100 }, (_, index) => index))
    expect((await reopen()).content.secrets.get('counter')).toBe('99')
    expect((await readdir(directory)).toSorted()).toEqual(['backups', 'vault.json'])
  })

  it('shows a change only when it is on disk', async () => {
    const vault = await filled()
    const change = vault.change(({ secrets }) => void secrets.set('new', 'value'))
    expect(vault.content.secrets.has('new')).toBe(false)
    await change
    expect(vault.content.secrets.get('new')).toBe('value')
  })

  it('never seals two values alike, and leaves untouched ones as they were', async () => {
    const vault = await reopen()
    await vault.change(({ secrets }) => void secrets.set('a', 'same').set('b', 'same'))
    const before = (await readVaultFile(path))?.entries
    expect(before?.get('a')).not.toBe(before?.get('b'))
    await vault.change(({ secrets }) => void secrets.set('b', 'other'))
    const after = (await readVaultFile(path))?.entries
    expect(after?.get('a')).toBe(before?.get('a'))
    expect(after?.get('b')).not.toBe(before?.get('b'))
  })

  it('says that a change could not be saved, keeps what was there, and saves the next one', async () => {
    const vault = await filled()
    await mkdir(`${path}.new`)
    const change = vault.change(({ secrets }) => void secrets.set('account/0/access-token', 'lost'))
    await expect(change).rejects.toBeInstanceOf(SecretsNotSavedError)
    await expect(change).rejects.not.toThrow('lost')
    expect(vault.content.secrets.get('account/0/access-token')).toBe('token-0')
    await rm(`${path}.new`, { recursive: true })
    await vault.change(({ secrets }) => void secrets.set('account/0/access-token', 'saved'))
    expect((await reopen()).content.secrets.get('account/0/access-token')).toBe('saved')
  })

  it('copies the vault once a day before changing it', async () => {
    const vault = await filled()
    await vault.change(({ secrets }) => void secrets.delete('account/0/access-token'))
    await vault.change(({ secrets }) => void secrets.delete('account/1/access-token'))
    const backups = await listVaultBackups(join(directory, 'backups'))
    expect(backups).toHaveLength(1)
    await writeFile(path, await readFile(join(directory, 'backups', backups[0] ?? '')))
    expect((await reopen()).content.secrets.size).toBe(3)
  })
})

describe('vault: what can not be read', () => {
  it('tells a wrong key from damage', async () => {
    await filled()
    expect(await openError(randomBytes(32))).toContain('The key file beside it is not the one that sealed it')
  })

  it('notices any changed bit', async () => {
    await filled(1)
    const original = await readFile(path)
    const meaning = JSON.stringify(JSON.parse(original.toString()))
    for (let at = 0; at < original.length; at += 1) {
      const altered = Buffer.from(original)
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8))
      await writeFile(path, altered)
      const opened = await reopen().catch((error: unknown) => error)
      if (opened instanceof SecretsUnreadableError) continue
      // A changed blank between the file's parts means nothing.
      expect(JSON.stringify(JSON.parse(altered.toString()))).toBe(meaning)
    }
  })

  it('notices a cut at any length', async () => {
    await filled(1)
    const original = await readFile(path)
    for (let length = original.length - 2; length >= 0; length -= 7) {
      await truncate(path, length)
      expect(await openError()).toContain('is damaged')
    }
  })

  it('notices an entry that was taken out or swapped', async () => {
    await filled(2)
    const content = JSON.parse(await readFile(path, 'utf8')) as { entries: Record<string, string> }
    const [first = '', second = ''] = Object.values(content.entries)
    const names = Object.keys(content.entries)
    await writeFile(path, JSON.stringify({ ...content, entries: { [names[0] ?? '']: first } }))
    expect(await openError()).toContain('does not match its seal')
    await writeFile(
      path,
      JSON.stringify({ ...content, entries: { [names[0] ?? '']: second, [names[1] ?? '']: first } }),
    )
    expect(await openError()).toContain('does not match its seal')
  })

  it('leaves a newer version alone', async () => {
    await filled()
    const content = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>
    await writeFile(path, JSON.stringify({ ...content, version: 2 }))
    expect(await openError()).toContain('newer version')
  })

  it.skipIf(process.getuid?.() === 0 || process.platform === 'win32')('says when it may not be read', async () => {
    await filled()
    await chmod(path, 0)
    await expect(reopen()).rejects.toBeInstanceOf(SecretsUnreadableError)
  })
})

describe('vault: a write that a kill interrupted', () => {
  const stagedPath = () => `${path}.new`

  it('is finished at the next start when it was whole', async () => {
    const vault = await filled()
    const old = await readFile(path)
    await vault.change(({ secrets }) => void secrets.set('account/0/refresh-token', 'rotated'))
    // As a kill between the two halves leaves it: the new content staged, the old one in place.
    await rename(path, stagedPath())
    await writeFile(path, old)
    expect((await reopen()).content.secrets.get('account/0/refresh-token')).toBe('rotated')
    await expect(readFile(stagedPath())).rejects.toThrow('ENOENT')
  })

  it('is forgotten when it was not', async () => {
    await filled()
    const text = await readFile(path, 'utf8')
    for (const length of [0, 1, 100, text.length - 2]) {
      await writeFile(stagedPath(), text.slice(0, length))
      expect((await reopen()).content.secrets.size).toBe(3)
      await expect(readFile(stagedPath())).rejects.toThrow('ENOENT')
    }
  })
})

describe('vault: kill -9', () => {
  it('keeps every secret whose saving was acknowledged', { timeout: 30_000 }, async () => {
    const script = `
      import { readVaultFile } from ${JSON.stringify(join(import.meta.dirname, 'vault-file.ts'))}
      import { openVault } from ${JSON.stringify(join(import.meta.dirname, 'vault.ts'))}
      const path = ${JSON.stringify(path)}
      const secret = Buffer.from(${JSON.stringify(key.secret.toString('base64'))}, 'base64')
      const vault = openVault(path, await readVaultFile(path), { kind: 'key-file', secret })
      const start = vault.content.secrets.size
      for (let index = start; ; index += 1) {
        await vault.change(({ secrets }) => void secrets.set('secret/' + index, 'value-' + index))
        console.log(index)
      }`
    let acknowledged = -1
    for (const round of [1, 2, 3]) {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let seen = 0
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line)
        seen += 1
        if (seen === 10 * round + round) child.kill('SIGKILL')
      }
      const { secrets } = (await reopen()).content
      expect(secrets.size).toBeGreaterThan(acknowledged)
      expect(secrets.size).toBeLessThanOrEqual(acknowledged + 2)
      for (let index = 0; index <= acknowledged; index += 1)
        expect(secrets.get(`secret/${index}`)).toBe(`value-${index}`)
    }
  })
})
