import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readConversation } from '../../simulator/conversation.ts'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { startCulvert, stopAllCulverts } from '../lib/culvert.ts'
import { createOpencodeUser, opencodeInstalled, type OpencodeUser } from '../lib/opencode.ts'
import { solidPng } from '../lib/png.ts'
import { startTap, type Tap } from '../lib/tap.ts'

let simulator: Simulator
let tap: Tap
let user: OpencodeUser

beforeEach(async () => {
  simulator = await startSimulator()
  const culvert = await startCulvert({ environment: { ...simulator.environment } })
  await addAccount(culvert, simulator.issueAccount())
  tap = await startTap(culvert.url)
  user = await createOpencodeUser({ url: tap.url, apiKey: culvert.apiKey })
})
afterEach(async () => {
  await user.remove()
  await tap.close()
  await stopAllCulverts()
  await simulator.close()
})

const generated = () => simulator.received.filter((request) => request.route === 'generate')
/** The conversations with tools; the others are for titles. */
const conversations = () =>
  generated().flatMap(({ body }) => {
    const conversation = body === undefined ? undefined : readConversation(body)
    return conversation === undefined || conversation.tools.length === 0 ? [] : [conversation]
  })

describe.skipIf(!opencodeInstalled)('opencode as an agent over Chat Completions', () => {
  it('edits a file, and goes on with the conversation', async () => {
    const path = join(user.project, 'a.txt')
    await writeFile(path, 'Grüße, world 👋\n')
    const first = await user.run(`[[scenario:tool tool=edit filePath=${path} oldString=world newString=“Culvert”]]`)
    expect(first).toMatchObject({
      code: 0,
      timedOut: false,
      errors: [],
      calls: [{ tool: 'edit', status: 'completed' }],
    })
    expect(first.texts).toEqual(['Done. edit answered: Edit applied successfully.'])
    expect(await readFile(path, 'utf8')).toBe('Grüße, “Culvert” 👋\n')
    // What it compacts by.
    expect(first.inputTokens.every((tokens) => tokens > 5_000)).toBe(true)

    const second = await user.run('[[scenario:text text=Onwards]]', { resume: true, model: 'claude-sonnet-4.5' })
    expect(second).toMatchObject({ code: 0, texts: ['Onwards'] })
    expect(
      conversations()
        .at(-1)
        ?.turns.flatMap(({ toolUses }) => toolUses.map(({ name }) => name)),
    ).toEqual(['edit'])
    expect(new Set(conversations().map(({ id }) => id)).size).toBe(1)
    expect(conversations().every(({ modelId }) => modelId === 'claude-sonnet-4.5')).toBe(true)
    expect(generated().map(({ outcome }) => outcome)).toEqual(generated().map(() => 'ok'))
    const exchanges = tap.on('/v1/chat/completions')
    expect(exchanges.length).toBe(generated().length)
    expect(exchanges.every(({ status, body }) => status === 200 && body['stream'] === true)).toBe(true)
  })

  it('runs two commands of one answer, after reasoning that it may keep', async () => {
    const [one, two] = [join(user.project, 'one.txt'), join(user.project, 'two.txt')]
    const [command, command2] = [`echo first | tee ${one}`, `echo second | tee ${two}`]
    simulator.script({ scenario: 'parallel-tools', parameters: { command, command2 } })
    const both = await user.run('Do both.', { titled: true })
    expect(both).toMatchObject({ code: 0, errors: [] })
    expect(both.calls.map(({ tool, status }) => `${tool} ${status}`)).toEqual(['bash completed', 'bash completed'])
    expect(await readFile(one, 'utf8')).toBe('first\n')
    expect(await readFile(two, 'utf8')).toBe('second\n')

    const options = { model: 'claude-sonnet-4.6', arguments: ['--variant', 'high'] } as const
    const thought = await user.run('[[scenario:think-and-call]]', options)
    expect(thought).toMatchObject({ code: 0, errors: [], texts: ['I use a tool.', 'Done. bash answered: thinking'] })
    const thinking = tap.on('/v1/chat/completions').findLast(({ body }) => body['tools'] !== undefined)
    expect(thinking?.body).toMatchObject({ model: 'claude-sonnet-4.6', reasoning_effort: 'high' })
    expect(thinking?.answer).toContain('"reasoning_content":')
    expect(JSON.stringify(thinking?.body['messages'])).toContain('"reasoning_content":')
    expect(generated().map(({ outcome }) => outcome)).toEqual(generated().map(() => 'ok'))
  })

  it('looks at an image, attached and read', async () => {
    const path = join(user.project, 'red.png')
    const image = solidPng(32, 16, [200, 30, 30])
    await writeFile(path, image)
    simulator.script([{ scenario: 'tool', parameters: { tool: 'read', filePath: path } }, 'look-at-image'])
    const result = await user.run('Look at both.', { titled: true, arguments: ['--file', path] })
    expect(result).toMatchObject({ code: 0, errors: [], calls: [{ tool: 'read', status: 'completed' }] })
    expect(result.texts.at(-1)).toBe(`I see 1 image(s): png of ${image.length} bytes.`)
    const seen = conversations().map(({ turns }) => turns.at(-1)?.images)
    expect(seen).toEqual([0, 1].map(() => [{ format: 'png', bytes: image.length }]))
    expect(generated().map(({ outcome }) => outcome)).toEqual(generated().map(() => 'ok'))
  })

  it('says what is wrong when a person must act, and tries no further', async () => {
    const result = await user.run('[[fault:suspended times=50]] hello')
    expect(result.code).not.toBe(0)
    expect(result.errors.join(' ')).toMatch(/suspended/u)
    expect(generated()).toHaveLength(1)
  })

  it('summarises a conversation that has become too long, and goes on', async () => {
    await user.run('[[scenario:text text=Begun]]', { titled: true })
    const result = await user.run('Go on. [[fault:content-too-long times=1]]', { resume: true })
    expect(result.timedOut).toBe(false)
    expect(result.texts).toEqual(['Begun', expect.stringContaining('Hello!')])
    expect(generated().map(({ outcome }) => outcome)).toEqual(['ok', 'fault', 'ok', 'ok'])
    expect(result.errors.join('')).toContain('maximum context length')
  })
})
