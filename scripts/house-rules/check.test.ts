import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { checkTree } from './check.ts'
import { maxSourceLines } from './rules.ts'

/** Targets that the trees below point at. */
const targets = [
  'main/index.ts',
  'scripts/tool.ts',
  'server/accounts/pool.ts',
  'server/admin/router.ts',
  'server/backends/backend.ts',
  'server/canonical/error.ts',
  'server/canonical/event.ts',
  'server/canonical/json.ts',
  'server/codec/crc.ts',
  'server/contract/settings.ts',
  'server/convert/client/anthropic/decode-request.ts',
  'server/convert/upstream/amazon-q/encode-request.ts',
  'server/create-server.ts',
  'server/http/app.ts',
  'server/proxy/complete.ts',
  'server/secrets/keychain.ts',
  'server/store/types.ts',
  'server/tokens/usage.ts',
  'server/wire/anthropic.ts',
  'simulator/index.ts',
  'tests/lib/culvert.ts',
]

/** The tree with one file more, whose content is that line. */
function check(path: string, content: string): readonly string[] {
  const files = new Map(targets.map((target) => [target, 'export const x = 1\n']))
  files.set(path, content)
  return checkTree(files).map((violation) => `${violation.path}:${violation.line} ${violation.rule}`)
}

describe('checkTree', () => {
  it.each([
    ['server/codec/a.ts', `import { x } from './crc.ts'`],
    ['server/codec/a.ts', `import { crc32 } from 'node:zlib'`],
    ['server/wire/a.ts', `import { z } from 'zod'`],
    ['server/contract/a.ts', `import { oc } from '@orpc/contract'`],
    ['server/convert/upstream/gemini/a.ts', `import { x } from '../../../canonical/event.ts'`],
    ['server/store/a.ts', `import type { x } from '../contract/settings.ts'`],
    ['server/store/a.ts', `import { Kysely } from 'kysely'`],
    ['server/secrets/keychain.ts', `const keytar = await import('keytar/keytar.js')`],
    ['server/backends/amazon-q/a.ts', `import { x } from '../../convert/upstream/amazon-q/encode-request.ts'`],
    ['server/backends/a.ts', `import { Agent } from 'undici'`],
    ['server/accounts/a.ts', `import { x } from '../canonical/error.ts'`],
    ['server/accounts/a.ts', `import type { x } from '../canonical/event.ts'`],
    ['server/accounts/logins/a.ts', `import { SSOOIDCClient } from '@aws-sdk/client-sso-oidc'`],
    ['server/proxy/a.ts', `import { x } from '../tokens/usage.ts'\nimport type { x as y } from '../store/types.ts'`],
    ['server/admin/a.ts', `import type { x } from '../proxy/complete.ts'`],
    ['server/http/a.ts', `import express from 'express'`],
    ['server/tokens/a.ts', `import { x } from '../canonical/event.ts'`],
    ['server/assemble.ts', `import { x } from './http/app.ts'\nimport { x as y } from './proxy/complete.ts'`],
    ['main/tray.ts', `import { app } from 'electron'\nimport { x } from '../server/create-server.ts'`],
    ['renderer/api/a.ts', `import { x } from '../../server/contract/settings.ts'`],
    ['simulator/a.ts', `import { x } from '../server/http/app.ts'\nimport express from 'express'`],
    ['tests/e2e/a.test.ts', `import { x } from '../../server/http/app.ts'`],
    ['server/codec/a.test.ts', `import { x } from '../../simulator/index.ts'\nimport 'express'`],
    ['server/codec/a.ts', `// import { x } from '../http/app.ts'\nconst text = "import('express')"`],
    ['server/codec/a.test.ts', `import vectors from '../../tests/vectors.json' with { type: 'json' }`],
  ])('allows %s: %s', (path, content) => {
    expect(check(path, content)).toEqual([])
  })

  it.each([
    ['server/canonical/a.ts', `import { x } from '../codec/crc.ts'`, 'folder'],
    ['server/canonical/a.ts', `import 'node:fs'`, 'node'],
    ['server/canonical/a.ts', `import fs from 'fs'`, 'node'],
    ['server/codec/a.ts', `import type { x } from '../canonical/event.ts'`, 'folder'],
    ['server/codec/a.ts', `export { x } from '../http/app.ts'`, 'folder'],
    ['server/codec/a.ts', `export * from '../http/app.ts'`, 'folder'],
    ['server/codec/a.ts', `const app = await import('../http/app.ts')`, 'folder'],
    ['server/codec/a.ts', `let app: import('../http/app.ts').x`, 'folder'],
    ['server/codec/a.ts', `new Worker(new URL('../http/app.ts', import.meta.url))`, 'folder'],
    ['server/codec/a.ts', `const app = require('../http/app.ts')`, 'folder'],
    ['server/wire/a.ts', `import { x } from '../contract/settings.ts'`, 'folder'],
    ['server/contract/a.ts', `import { implement } from '@orpc/server'`, 'package'],
    ['server/convert/a.ts', `import { x } from '../backends/backend.ts'`, 'folder'],
    ['server/store/a.ts', `import { x } from '../contract/settings.ts'`, 'folder'],
    ['server/store/a.ts', `import { type x, x as y } from '../contract/settings.ts'`, 'folder'],
    ['server/secrets/vault.ts', `import keytar from 'keytar/keytar.js'`, 'package'],
    ['server/backends/a.ts', `import { x } from '../accounts/pool.ts'`, 'folder'],
    ['server/backends/a.ts', `import { x } from '../convert/client/anthropic/decode-request.ts'`, 'folder'],
    ['server/accounts/a.ts', `import { x } from '../canonical/event.ts'`, 'folder'],
    ['server/accounts/a.ts', `import { SSOOIDCClient } from '@aws-sdk/client-sso-oidc'`, 'package'],
    ['server/proxy/a.ts', `import { x } from '../store/types.ts'`, 'folder'],
    ['server/proxy/a.ts', `import type { x } from '../admin/router.ts'`, 'folder'],
    ['server/proxy/a.ts', `import type { Request } from 'express'`, 'package'],
    ['server/admin/a.ts', `import { x } from '../proxy/complete.ts'`, 'folder'],
    ['server/http/a.ts', `import { x } from '../store/types.ts'`, 'folder'],
    ['server/http/a.ts', `import { Kysely } from 'kysely'`, 'package'],
    ['server/http/a.ts', `import leftPad from 'left-pad'`, 'package'],
    ['server/http/a.ts', `import { app } from 'electron'`, 'package'],
    ['server/tokens/a.ts', `import { x } from '../proxy/complete.ts'`, 'folder'],
    ['server/headless.ts', `import { x } from '../simulator/index.ts'`, 'folder'],
    ['server/headless.ts', `import { x } from '../scripts/tool.ts'`, 'folder'],
    ['server/http/a.ts', `import { x } from '../../tests/lib/culvert.ts'`, 'folder'],
    ['server/headless.ts', `import { x } from '../main/index.ts'`, 'folder'],
    ['preload/index.ts', `import { x } from '../server/contract/settings.ts'`, 'folder'],
    ['renderer/a.ts', `import { x } from '../server/create-server.ts'`, 'folder'],
    ['renderer/a.ts', `import 'node:fs'`, 'node'],
    ['server/http/a.ts', `import { x } from './missing.ts'`, 'missing'],
    ['server/http/a.ts', `import { x } from './app'`, 'extension'],
    ['server/http/a.ts', `import { x } from './app.js'`, 'extension'],
    ['server/http/a.ts', `import { x } from '../../../elsewhere/x.ts'`, 'outside'],
    ['tests/a.test.ts', `import { x } from './missing.ts'`, 'missing'],
    ['server/http/a.ts', `const = 1`, 'syntax'],
    ['server/http/a.ts', `// oxlint-disable-next-line no-console`, 'suppression'],
    ['server/http/a.ts', `/* eslint-disable */`, 'suppression'],
    ['server/http/a.test.ts', `// @ts-expect-error for now`, 'suppression'],
  ])('reports %s: %s', (path, content, rule) => {
    expect(check(path, content)).toEqual([`${path}:1 ${rule}`])
  })

  it('names the line', () => {
    expect(check('server/codec/a.ts', `\n\nimport { x } from './crc.ts'\nimport 'express'`)).toEqual([
      'server/codec/a.ts:4 package',
    ])
  })

  it('reports a cycle once, types included', () => {
    const files = new Map([
      ['server/http/a.ts', `import './b.ts'`],
      ['server/http/b.ts', `import type { C } from './c.ts'`],
      ['server/http/c.ts', `export const a = () => import('./a.ts')`],
      ['server/http/d.ts', `import './a.ts'`],
      ['server/http/e.ts', `import './e.ts'`],
    ])
    expect(checkTree(files).map(({ message }) => message)).toEqual([
      'imports itself: server/http/a.ts → server/http/b.ts → server/http/c.ts → server/http/a.ts',
      'imports itself: server/http/e.ts → server/http/e.ts',
    ])
  })

  it('limits the length of sources, not of tests', () => {
    const lines = 'export {}\n'.repeat(maxSourceLines)
    expect(check('server/http/a.ts', lines)).toEqual([])
    expect(check('server/http/a.ts', `${lines}export {}\n`)).toEqual(['server/http/a.ts:1 length'])
    expect(check('server/http/a.test.ts', `${lines}export {}\n`)).toEqual([])
  })
})

describe('check-imports.ts', () => {
  const run = promisify(execFile)
  const program = join(import.meta.dirname, '..', 'check-imports.ts')

  it.each([
    ['server/codec/crc.ts', '', '1 files keep the rules.\n'],
    [
      'server/codec/crc.ts',
      `import 'express'`,
      'server/codec/crc.ts:1 imports the package express; only server/http may (scripts/house-rules/rules.ts) ' +
        '[package]\n1 broken rules.\n',
    ],
  ])('reads the folder given: %s with "%s"', async (path, content, printed) => {
    const folder = await mkdtemp(join(tmpdir(), 'house-rules-'))
    try {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
      const ended = await run(process.execPath, [program, folder]).catch(
        (error: { stdout: string; code: number }) => error,
      )
      expect(ended).toMatchObject({ stdout: printed })
      expect('code' in ended).toBe(content !== '')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
