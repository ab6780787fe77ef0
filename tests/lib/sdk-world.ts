import Anthropic from '@anthropic-ai/sdk'
import { type IssuedAccount, type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import { addAccount } from './accounts.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from './culvert.ts'

/** The official SDK as anybody would set it up, Culvert, and the simulator. */
export interface SdkWorld {
  readonly simulator: Simulator
  readonly culvert: CulvertProcess
  readonly client: Anthropic
  /** Gives the next test an account of its own. */
  begin(): Promise<IssuedAccount>
  /** Takes it away again, with everything that the simulator remembers. */
  end(): Promise<void>
  generated(): readonly ReceivedRequest[]
  close(): Promise<void>
}

export async function startSdkWorld(): Promise<SdkWorld> {
  const simulator = await startSimulator()
  const culvert = await startCulvert({ environment: { ...simulator.environment } })
  const client = new Anthropic({ baseURL: culvert.url, apiKey: culvert.apiKey, logLevel: 'off' })
  let accountId = ''
  return {
    simulator,
    culvert,
    client,
    async begin() {
      const issued = simulator.issueAccount()
      accountId = (await addAccount(culvert, issued)).id
      return issued
    },
    async end() {
      await culvert.admin('DELETE', `/v2/accounts/${accountId}`)
      simulator.reset()
    },
    generated: () => simulator.received.filter((request) => request.route === 'generate'),
    async close() {
      await stopAllCulverts()
      await simulator.close()
    },
  }
}

export const sdkModel = 'claude-sonnet-5'

/** A request of one user message. */
export function sdkRequest(text: string, changes: Partial<Anthropic.MessageCreateParamsNonStreaming> = {}) {
  return { model: sdkModel, max_tokens: 4_000, messages: [{ role: 'user' as const, content: text }], ...changes }
}
