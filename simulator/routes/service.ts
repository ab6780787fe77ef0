import { invokeMcp } from '../control-plane/mcp.ts'
import { listModels } from '../control-plane/models.ts'
import { getProfile, listProfiles } from '../control-plane/profiles.ts'
import { getUsage, setPreference } from '../control-plane/usage.ts'
import { generate } from '../generate.ts'
import type { Exchange, Route } from '../exchange.ts'
import type { Operation } from '../state/received.ts'

interface Call {
  readonly operation: Operation
  readonly handle: (exchange: Exchange) => Promise<void> | void
}

const calls = {
  generate: { operation: 'generate', handle: generate },
  models: { operation: 'models', handle: listModels },
  profiles: { operation: 'profiles', handle: listProfiles },
  profile: { operation: 'profile', handle: getProfile },
  usage: { operation: 'usage', handle: getUsage },
  preference: { operation: 'preference', handle: setPreference },
  mcp: { operation: 'mcp', handle: invokeMcp },
} as const satisfies Record<string, Call>

/** `x-amz-target` of the JSON protocol, on both hosts (amazon-q.md §2.1, §2.9, §2.10). */
const targets: Readonly<Record<string, Call>> = {
  'AmazonCodeWhispererStreamingService.GenerateAssistantResponse': calls.generate,
  // The same call under its other name; with a bearer token as older CLIs send it (amazon-q.md §2.1, E5).
  'AmazonQDeveloperStreamingService.SendMessage': calls.generate,
  'AmazonCodeWhispererStreamingService.InvokeMCP': calls.mcp,
  'AmazonCodeWhispererService.ListAvailableModels': calls.models,
  'AmazonCodeWhispererService.ListAvailableProfiles': calls.profiles,
  'AmazonCodeWhispererService.GetProfile': calls.profile,
  'AmazonCodeWhispererService.GetUsageLimits': calls.usage,
  'AmazonCodeWhispererService.SetUserPreference': calls.preference,
}

/** Paths of the rest protocol on the q host. */
const qPaths: Readonly<Record<string, Call>> = {
  'POST /generateAssistantResponse': calls.generate,
  'POST /SendMessageStreaming': calls.generate,
  'POST /mcp': calls.mcp,
  'GET /ListAvailableModels': calls.models,
  'POST /ListAvailableProfiles': calls.profiles,
  'POST /GetProfile': calls.profile,
  'GET /getUsageLimits': calls.usage,
  'POST /setUserPreference': calls.preference,
}

/** Paths of the Kiro host: the runtime's own and the management plane's. */
const runtimePaths: Readonly<Record<string, Call>> = {
  'POST /generateAssistantResponse': calls.generate,
  'POST /mcp': calls.mcp,
  'GET /List-Available-Models': calls.models,
  'POST /List-Available-Profiles': calls.profiles,
  'GET /Get-Usage-Limits': calls.usage,
}

const region = /^\/([a-z]{2}(?:-[a-z]+)+-\d)(?=\/|$)/u

/**
 * A call to the service itself, under `/q` (E1, E2) or `/runtime` (E4). A region may stand first in the path
 * (`/q/eu-central-1/…`), as it stands in the real host's name.
 */
export function serviceRoute(
  prefix: 'q' | 'runtime',
  method: string,
  path: string,
  target: string | undefined,
): Route | undefined {
  const named = region.exec(path)?.[1]
  const rest = named === undefined ? path : path.slice(named.length + 1)
  const json = method === 'POST' && (rest === '/' || rest === '')
  const call = json ? targets[target ?? ''] : (prefix === 'q' ? qPaths : runtimePaths)[`${method} ${rest}`]
  if (call === undefined) return undefined
  return {
    ...call,
    endpoint: prefix === 'runtime' ? 'E4' : json ? 'E1' : 'E2',
    protocol: json ? 'json' : 'rest',
    ...(named === undefined ? {} : { region: named }),
  }
}
