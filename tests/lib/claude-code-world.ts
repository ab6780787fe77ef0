import {
  type AccountOptions,
  type IssuedAccount,
  type ReceivedRequest,
  type Simulator,
  startSimulator,
} from '../../simulator/index.ts'
import { type Conversation, readConversation } from '../../simulator/conversation.ts'
import { type AddedAccount, addAccount } from './accounts.ts'
import { type ClaudeCodeResult, type ClaudeCodeRun, type ClaudeCodeUser, createClaudeCodeUser } from './claude-code.ts'
import { type CulvertProcess, startCulvert, stopAllCulverts } from './culvert.ts'
import { startTap, type Tap } from './tap.ts'

/** One Claude Code user, the Culvert process it talks to (through a tap), and the simulator behind that. */
export interface ClaudeCodeWorld {
  readonly simulator: Simulator
  readonly culvert: CulvertProcess
  /** What went between Claude Code and Culvert. */
  readonly tap: Tap
  readonly user: ClaudeCodeUser
  readonly accounts: readonly { readonly issued: IssuedAccount; readonly added: AddedAccount }[]
  /** Runs one prompt with every permission given. */
  run(prompt: string, options?: ClaudeCodeRun): Promise<ClaudeCodeResult>
  /** The generate calls that the simulator has received, oldest first. */
  generated(): readonly ReceivedRequest[]
  /** The same as conversations; only those that came as far as being read. */
  conversations(): readonly Conversation[]
  /** An account as the management API shows it now. */
  account(index: number): Promise<AddedAccount>
}

export interface ClaudeCodeWorldOptions {
  /** One by default. */
  readonly accounts?: readonly AccountOptions[]
  /** Done to the simulator before the accounts are added, so before Culvert reads their models. */
  readonly prepare?: (simulator: Simulator) => void
  readonly settings?: object
  /** Another key than Culvert's own. */
  readonly apiKey?: string
}

const closers = new Set<() => Promise<void>>()

/** Starts everything anew, so that no test sees what another did. Close with `closeWorlds`. */
export async function openWorld(options: ClaudeCodeWorldOptions = {}): Promise<ClaudeCodeWorld> {
  const simulator = await startSimulator()
  closers.add(() => simulator.close())
  options.prepare?.(simulator)
  const culvert = await startCulvert({ environment: { ...simulator.environment } })
  if (options.settings !== undefined) await culvert.admin('PUT', '/v2/settings', options.settings)
  const accounts: { issued: IssuedAccount; added: AddedAccount }[] = []
  for (const account of options.accounts ?? [{}]) {
    const issued = simulator.issueAccount(account)
    accounts.push({ issued, added: await addAccount(culvert, issued) })
  }
  const tap = await startTap(culvert.url)
  closers.add(() => tap.close())
  const user = await createClaudeCodeUser({ url: tap.url, apiKey: options.apiKey ?? culvert.apiKey })
  closers.add(() => user.remove())
  const generated = () => simulator.received.filter((request) => request.route === 'generate')
  return {
    simulator,
    culvert,
    tap,
    user,
    accounts,
    run: (prompt, run = {}) =>
      user.run(prompt, { ...run, arguments: ['--permission-mode', 'bypassPermissions', ...(run.arguments ?? [])] }),
    generated,
    conversations: () => generated().flatMap(({ body }) => (body === undefined ? [] : [readConversation(body)])),
    async account(index) {
      const list = (await culvert.admin('GET', '/v2/accounts')) as { accounts: AddedAccount[] }
      const found = list.accounts.find((account) => account.id === accounts[index]?.added.id)
      if (found === undefined) throw new Error(`There is no account ${index}.`)
      return found
    },
  }
}

/** Ends all worlds of a test. Call in `afterEach`. */
export async function closeWorlds(): Promise<void> {
  await stopAllCulverts()
  const pending = [...closers]
  closers.clear()
  await Promise.all(pending.map((close) => close()))
}
