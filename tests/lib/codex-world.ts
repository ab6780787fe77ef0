import { type AccountOptions, type ReceivedRequest, type Simulator, startSimulator } from '../../simulator/index.ts'
import { type Conversation, readConversation } from '../../simulator/conversation.ts'
import { type CodexResult, type CodexRun, type CodexUser, createCodexUser } from './codex.ts'
import { type LocalCulvert, startLocalCulvert } from './in-process.ts'
import { startTap, type Tap } from './tap.ts'

/** One Codex user, the Culvert that it talks to (through a tap), and the simulator behind that. */
export interface CodexWorld {
  readonly simulator: Simulator
  readonly culvert: LocalCulvert
  /** What went between Codex and Culvert. */
  readonly tap: Tap
  readonly user: CodexUser
  run(prompt: string, options?: CodexRun): Promise<CodexResult>
  /** The statuses that Codex got, in order. */
  statuses(): readonly number[]
  /** The generate calls that the simulator has received, oldest first. */
  generated(): readonly ReceivedRequest[]
  /** The same as conversations; only those that came as far as being read. */
  conversations(): readonly Conversation[]
}

export interface CodexWorldOptions {
  /** One of the `pro` plan by default. */
  readonly accounts?: readonly AccountOptions[]
  /** Done to the simulator before the accounts are added, so before Culvert reads their models. */
  readonly prepare?: (simulator: Simulator) => void
  readonly settings?: object
  /** More lines of the provider's configuration. */
  readonly provider?: readonly string[]
}

const closers = new Set<() => Promise<void>>()

/** Starts everything anew, so that no test sees what another did. Close with `closeCodexWorlds`. */
export async function openCodexWorld(options: CodexWorldOptions = {}): Promise<CodexWorld> {
  const simulator = await startSimulator()
  closers.add(() => simulator.close())
  options.prepare?.(simulator)
  const culvert = await startLocalCulvert({ ...simulator.environment })
  closers.add(() => culvert.close())
  if (options.settings !== undefined) await culvert.foundation.settings.put(options.settings)
  for (const account of options.accounts ?? [{}]) await culvert.add(simulator.issueAccount(account))
  const tap = await startTap(culvert.url)
  closers.add(() => tap.close())
  const user = await createCodexUser({ url: tap.url, apiKey: culvert.apiKey }, options.provider)
  closers.add(() => user.remove())
  const generated = () => simulator.received.filter((request) => request.route === 'generate')
  return {
    simulator,
    culvert,
    tap,
    user,
    run: (prompt, run) => user.run(prompt, run),
    statuses: () => tap.on('/v1/responses').map(({ status }) => status),
    generated,
    conversations: () => generated().flatMap(({ body }) => (body === undefined ? [] : [readConversation(body)])),
  }
}

/** Ends all worlds of a test. Call in `afterEach`. */
export async function closeCodexWorlds(): Promise<void> {
  const pending = [...closers].toReversed()
  closers.clear()
  await Promise.all(pending.map((close) => close()))
}
