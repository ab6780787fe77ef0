import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const run = promisify(execFile)
const vitest = join(import.meta.dirname, '..', '..', 'node_modules', 'vitest', 'vitest.mjs')
const reporter = join(import.meta.dirname, 'reporter.mjs')

interface Summary {
  readonly passed: number
  readonly failed: readonly string[]
  readonly skipped: readonly object[]
}

describe('the summary reporter', () => {
  it('counts passed, failed and skipped tests, files that do not load, and errors outside of tests', async () => {
    const { failed, ...summary } = await summaryOf({
      'good.test.mjs': `
        it('passes', () => {})
        it('fails', () => { expect(1).toBe(2) })
        it('skips itself', (context) => context.skip('there is no keychain here'))
        it.skip('is switched off', () => {})`,
      'broken.test.mjs': `throw new Error('not loadable')`,
      'late.test.mjs': `it('passes, and fails later', () => { Promise.reject(new Error('nobody waits')) })`,
    })
    expect(failed.toSorted()).toEqual(['an error outside of any test', 'broken.test.mjs', 'good.test.mjs > fails'])
    expect(summary).toEqual({
      passed: 2,
      skipped: [
        { name: 'good.test.mjs > skips itself', reason: 'there is no keychain here' },
        { name: 'good.test.mjs > is switched off', reason: 'no reason given' },
      ],
    })
  })

  it('writes a run in which all is well', async () => {
    expect(await summaryOf({ 'good.test.mjs': `it('passes', () => {})` })).toEqual({
      passed: 1,
      failed: [],
      skipped: [],
    })
  })
})

/** Runs vitest on these files and returns what the reporter wrote. */
async function summaryOf(files: Readonly<Record<string, string>>): Promise<Summary> {
  const folder = await mkdtemp(join(tmpdir(), 'reporter-'))
  try {
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content)
    const file = join(folder, 'summary.json')
    const args = [vitest, 'run', '--root', folder, '--globals', `--reporter=${reporter}`]
    await run(process.execPath, args, { cwd: folder, env: { ...process.env, CULVERT_TEST_SUMMARY: file } }).catch(
      () => {},
    )
    return JSON.parse(await readFile(file, 'utf8')) as Summary
  } finally {
    await rm(folder, { recursive: true })
  }
}
