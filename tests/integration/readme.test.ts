import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from '../lib/accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from '../lib/culvert.ts'

const root = join(import.meta.dirname, '..', '..')
const execute = promisify(execFile)

let readme: string
let simulator: Simulator
let culvert: CulvertProcess

beforeAll(async () => {
  readme = await readFile(join(root, 'README.md'), 'utf8')
  simulator = await startSimulator({ pace: { deviceIntervalMs: 50 } })
  culvert = await startCulvert({ environment: { ...simulator.environment } })
})
afterAll(async () => {
  await stopAllCulverts()
  await simulator.close()
})

const blocks = () => [...readme.matchAll(/```sh\n([\s\S]*?)```/gu)].map(([, text]) => (text ?? '').trim())

/** Runs a block of the README as the reader would, with what stands for things filled in. */
async function run(block: string, values: Readonly<Record<string, string>>, cwd = root): Promise<string> {
  const script = Object.entries(values).reduce((text, [name, value]) => text.replaceAll(name, value), block)
  const { stdout } = await execute('sh', ['-ec', script], {
    cwd,
    env: { ...process.env, PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
  })
  return stdout
}

describe('README', () => {
  it('has the commands that tests know, and no others', () => {
    expect(blocks().map((block) => block.split('\n', 1)[0])).toEqual([
      'npm start',
      'npm start -- --headless --demo',
      'npm test',
      expect.stringContaining('/v2/auth/start') as string,
      expect.stringContaining('/v2/auth/claim/') as string,
      expect.stringContaining('/v2/accounts') as string,
      'export ANTHROPIC_BASE_URL=ADDRESS',
      'export OPENAI_BASE_URL=ADDRESS/v1',
      expect.stringContaining('/v2/accounts') as string,
      'node server/headless.ts lint request.json',
    ])
  })

  it('signs an account in with its two calls', async () => {
    const values = { ADDRESS: culvert.url, ADMIN_TOKEN: culvert.adminToken }
    const started = JSON.parse(await run(blocks()[3] ?? '', values)) as {
      authId: string
      userCode: string
      verificationUriComplete: string
    }
    expect((await fetch(started.verificationUriComplete)).status).toBe(200)
    simulator.approve(started.userCode)
    const claimed = JSON.parse(await run(blocks()[4] ?? '', { ...values, AUTH_ID: started.authId })) as {
      account: { enabled: boolean }
    }
    expect(claimed.account.enabled).toBe(true)
  })

  it('adds a Gemini key with its call', async () => {
    const values = { ADDRESS: culvert.url, ADMIN_TOKEN: culvert.adminToken, GEMINI_API_KEY: 'AIzaSim-readme' }
    const added = await run(blocks()[5] ?? '', values)
    expect(added).not.toContain('AIzaSim-readme')
    const { id } = JSON.parse(added) as { id: string }
    await culvert.admin('POST', `/v2/accounts/${id}/refresh`)
    const response = await fetch(`${culvert.url}/v1/gemini/messages`, {
      method: 'POST',
      headers: { 'x-api-key': culvert.apiKey, 'content-type': 'application/json' },
      body: JSON.stringify({
        model: 'gemini-3-pro-preview',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    })
    expect(await response.text()).toContain('Hello from Gemini')
    await culvert.admin('DELETE', `/v2/accounts/${id}`)
  })

  it('sets Claude Code up with variables that work', async () => {
    const [address, key] = (blocks()[6] ?? '').split('\n')
    const script = `${address}\n${key}\ncurl -s "$ANTHROPIC_BASE_URL/v1/models" -H "authorization: Bearer $ANTHROPIC_AUTH_TOKEN"`
    const list = async () => {
      const printed = await run(script, { ADDRESS: culvert.url, YOUR_CULVERT_KEY: culvert.apiKey })
      return (JSON.parse(printed) as { data: { id: string }[] }).data.map((model) => model.id)
    }
    // A new account's models are fetched right after its sign-in.
    await expect.poll(list, { timeout: 10_000 }).toContain('claude-sonnet-4.5')
  })

  it('sets OpenAI clients up with variables that work', async () => {
    await addAccount(culvert, simulator.issueAccount())
    const program = [
      "import OpenAI from 'openai'",
      "const messages = [{ role: 'user', content: '[[scenario:text text=Good.]]' }]",
      "const answer = await new OpenAI().chat.completions.create({ model: 'gpt-4o', messages })",
      'console.log(answer.choices[0].message.content)',
    ].join('\n')
    const script = `${blocks()[7] ?? ''}\nnode --input-type=module <<'END'\n${program}\nEND`
    expect(await run(script, { ADDRESS: culvert.url, YOUR_CULVERT_KEY: culvert.apiKey })).toBe('Good.\n')
  })

  it('adds an account with an API key', async () => {
    const added = JSON.parse(
      await run(blocks()[8] ?? '', {
        ADDRESS: culvert.url,
        ADMIN_TOKEN: culvert.adminToken,
        'https://api.anthropic.com': simulator.anthropic.url,
        YOUR_API_KEY: simulator.anthropic.issueKey(),
      }),
    ) as { id: string; type: string }
    expect(added.type).toBe('anthropic')
    const answer = await fetch(`${culvert.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': culvert.apiKey, 'content-type': 'application/json', 'x-account-id': added.id },
      body: JSON.stringify({
        model: 'claude-sonnet-4-6',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Good.' }],
      }),
    })
    expect(await answer.json()).toMatchObject({ content: [{ type: 'text', text: 'You said: Good.' }] })
  })

  it('lints a saved request with its last command', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'culvert-readme-'))
    const fixture = join(root, 'tests/fixtures/clients/claude-code-2.1.329-tool-result.json')
    await writeFile(join(directory, 'request.json'), await readFile(fixture))
    const printed = await run((blocks()[9] ?? '').replace('server/', `${root}/server/`), {}, directory)
    await rm(directory, { recursive: true })
    expect(printed).toMatch(/^The request would be sent with \d+ changes:/u)
    expect(printed).toContain('tool-result-order at messages.7')
  })

  it('points only at files that exist', async () => {
    for (const [, target] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/gu)) {
      await expect(readFile(join(root, target ?? ''), 'utf8')).resolves.not.toBe('')
    }
  })
})
