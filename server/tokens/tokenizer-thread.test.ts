import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createTokenizerThread, TokenizerError } from './tokenizer-thread.ts'
import type { TokenizerThread, TokenizerThreadOptions } from './tokenizer-thread.ts'

const cleanups: (() => Promise<void>)[] = []

afterEach(async () => {
  for (const clean of cleanups.splice(0)) await clean()
})

describe('createTokenizerThread', () => {
  it('starts no thread before the first count and stops it when idle', async () => {
    const thread = create({ idleMs: 20 })
    expect(thread.running).toBe(false)
    expect(await thread.count(['hello', 'hello world'])).toEqual([1, 2])
    expect(thread.running).toBe(true)
    await vi.waitFor(() => expect(thread.running).toBe(false))
    expect(await thread.count(['hello again'])).toEqual([2])
  })

  it.each([
    ['one letter', 'a'.repeat(200_000)],
    ['spaces', ' '.repeat(200_000)],
    ['Chinese without a stop', '今天天气很好我们一起去公园散步吧'.repeat(10_000)],
    ['marks', '-=+'.repeat(60_000)],
    ['digits', '1234567890'.repeat(20_000)],
  ])('counts long runs quickly: %s', async (_name, text) => {
    const thread = create({ idleMs: 60_000 })
    const [tokens = 0] = await thread.count([text])
    expect(tokens).toBeGreaterThan(1_000)
  })

  it('tries once more when the thread dies, on a new thread', async () => {
    const thread = create({
      idleMs: 60_000,
      workerUrl: await worker(`if (texts[0] === 'die' && first) process.exit(1)`),
    })
    const [victim, killer] = await Promise.all([thread.count(['abc']), thread.count(['die'])])
    expect([victim, killer]).toEqual([[3], [3]])
  })

  it('gives up on what kills the thread twice and goes on', async () => {
    const thread = create({
      idleMs: 60_000,
      workerUrl: await worker(`if (texts[0] === 'die') throw new Error('dead')`),
    })
    await expect(thread.count(['die'])).rejects.toThrow(TokenizerError)
    expect(await thread.count(['abc'])).toEqual([3])
  })

  it('gives up on a thread that hangs', async () => {
    const thread = create({ idleMs: 60_000, timeoutMs: 1_000, workerUrl: await worker(`while (texts[0] === 'hang');`) })
    await expect(thread.count(['hang'])).rejects.toThrow(TokenizerError)
    expect(await thread.count(['abc'])).toEqual([3])
  })

  it('rejects when the thread can not start', async () => {
    const thread = create({ idleMs: 60_000, workerUrl: new URL('file:///nowhere/worker.mjs') })
    await expect(thread.count(['abc'])).rejects.toThrow(TokenizerError)
  })

  it('refuses more than 500 counts at once', async () => {
    const thread = create({ idleMs: 60_000, workerUrl: await worker('') })
    const counts = await Promise.allSettled(Array.from({ length: 501 }, () => thread.count(['abc'])))
    expect(counts.filter(({ status }) => status === 'rejected').length).toBe(1)
  })

  it('rejects what is under way when it is closed, and all after', async () => {
    const thread = create({ idleMs: 60_000 })
    const underWay = Promise.allSettled([thread.count(['abc'])])
    await thread.close()
    expect(await underWay).toMatchObject([{ status: 'rejected', reason: { name: 'TokenizerError' } }])
    await expect(thread.count(['abc'])).rejects.toThrow(TokenizerError)
  })
})

function create(options: TokenizerThreadOptions): TokenizerThread {
  const thread = createTokenizerThread(options)
  cleanups.push(() => thread.close())
  return thread
}

/** A worker that counts characters, after `statement`; `first`: no worker of this test ran before. */
async function worker(statement: string): Promise<URL> {
  const folder = await mkdtemp(join(tmpdir(), 'tokenizer-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const file = join(folder, 'worker.mjs')
  const marker = JSON.stringify(join(folder, 'started'))
  await writeFile(
    file,
    `import { existsSync, writeFileSync } from 'node:fs'
    import { parentPort } from 'node:worker_threads'
    const first = !existsSync(${marker})
    writeFileSync(${marker}, '')
    parentPort.on('message', ({ id, texts }) => {
      ${statement}
      parentPort.postMessage({ id, counts: texts.map((text) => text.length) })
    })`,
  )
  return pathToFileURL(file)
}
