import { answerFrames } from './answer-frames.ts'
import { answerCatalogue, answerHttpFault, authorize } from './authorize.ts'
import { findUnvalidatedBench, playBench } from './bench.ts'
import { choose, type Choice } from './choose.ts'
import { readConversation, type Conversation } from './conversation.ts'
import { deliver } from './deliver.ts'
import { numberParameter } from './directives.ts'
import { answer, jsonBody, type Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import type { Model } from './models.ts'
import { scenarioNames, scenarios } from './scenarios/index.ts'
import type { Scenario, Scene } from './scenarios/scenario.ts'
import { say } from './scenarios/text.ts'
import { hasCredits, type Account } from './state/accounts.ts'
import { validateRequest } from './validate/index.ts'
import type { Parameters, ScriptStep } from './types.ts'
import { Violation } from './validate/violation.ts'

/** The chat call on every endpoint (amazon-q.md §2.1). */
export async function generate(exchange: Exchange): Promise<void> {
  const { world } = exchange
  world.streams.now += 1
  world.streams.most = Math.max(world.streams.most, world.streams.now)
  try {
    await generateFor(exchange)
  } finally {
    world.streams.now -= 1
  }
}

async function generateFor(exchange: Exchange): Promise<void> {
  const { world, entry } = exchange
  const account = authorize(exchange)
  if (account === undefined) return
  const standing = world.director.takeFault('generate', account.id)
  if (answerHttpFault(exchange, standing)) return
  const step = world.director.takeStep(account.id)
  const bench = standing === undefined ? unvalidatedBench(step, exchange.body) : undefined
  if (bench !== undefined) return await playBench(exchange, bench)
  const body = readRequest(exchange)
  if (body === undefined) return
  const conversation = readConversation(body)
  const choice = choose(exchange, step, conversation)
  const fault = standing ?? choice.fault
  entry.scenario = choice.scenario
  if (answerHttpFault(exchange, fault)) return
  const model = judge(exchange, account, body, conversation)
  if (model === undefined) return
  const { ids, signatures } = world
  await perform(
    exchange,
    account,
    { conversation, parameters: choice.parameters, model, ids, signatures },
    choice,
    fault,
  )
}

/** The cheap path of benchmarks: a scripted step, or a marker in the raw bytes, that says `novalidate`. */
function unvalidatedBench(step: ScriptStep | undefined, body: Buffer): Parameters | undefined {
  if (step === undefined) return findUnvalidatedBench(body)
  if (typeof step === 'string' || !('scenario' in step) || step.scenario !== 'bench') return undefined
  return step.parameters?.['novalidate'] === true ? step.parameters : undefined
}

/** The parsed body; undefined when its size, type or syntax was refused. */
function readRequest(exchange: Exchange): unknown {
  const { bodyLimitBytes, bodyTooLarge } = exchange.world.configuration.behaviour
  if (exchange.body.length > bodyLimitBytes) {
    answerCatalogue(exchange, bodyTooLarge, 'refused', `body over ${bodyLimitBytes} bytes`)
    return undefined
  }
  const wanted = exchange.route.protocol === 'json' ? 'application/x-amz-json-1.0' : 'application/json'
  if ((exchange.request.headers['content-type'] ?? '').split(';')[0]?.trim() !== wanted) {
    answerUnreadable(exchange, 415, 'UnsupportedMediaTypeException', `content-type is not ${wanted}`)
    return undefined
  }
  const body = jsonBody(exchange)
  if (body === undefined) answerUnreadable(exchange, 400, 'SerializationException', 'body is no JSON')
  return body
}

function answerUnreadable(exchange: Exchange, status: number, type: string, refusal: string): void {
  const headers = { 'content-type': 'application/json', 'x-amzn-errortype': type }
  const body = JSON.stringify({ __type: `com.amazon.coral.service#${type}`, message: refusal })
  answer(exchange, { status, headers, body }, 'refused', refusal)
}

/** The model that is asked, when the request breaks no rule; otherwise undefined, and the refusal has been sent. */
function judge(exchange: Exchange, account: Account, body: unknown, conversation: Conversation): Model | undefined {
  const { world, route } = exchange
  try {
    const model = validateRequest({ world, account, endpoint: route.endpoint ?? 'E2', body, conversation })
    if (hasCredits(account) || !world.configuration.behaviour.enforceCredits) return model
    const limit = route.endpoint === 'E1' ? 'monthly-limit-json' : 'monthly-limit'
    answerCatalogue(exchange, limit, 'denied', 'no credits left')
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    answerCatalogue(exchange, error.fault, 'refused', error.message, { message: error.wireMessage })
  }
  return undefined
}

async function perform(
  exchange: Exchange,
  account: Account,
  scene: Scene,
  choice: Choice,
  fault: Fault | undefined,
): Promise<void> {
  const { world, entry, route } = exchange
  if (fault !== undefined) entry.fault = fault.name
  world.log.wake(entry)
  if (fault?.name === 'html-200') {
    const html = '<!doctype html><title>Sign in</title><h1>Please sign in to the network</h1>'
    return answer(exchange, { status: 200, headers: { 'content-type': 'text/html' }, body: html }, 'fault')
  }
  if (choice.scenario === 'bench' && fault === undefined) return await playBench(exchange, choice.parameters)
  const scenario = scenarios[choice.scenario] ?? unknownScenario(choice.scenario)
  const frames = choice.frames ?? answerFrames(world, account, scene, scenario(scene), route.protocol === 'json')
  const chunkBytes = numberParameter(choice.parameters, 'chunk', 0)
  await deliver(exchange, {
    frames: fault?.name === 'empty-body' ? [] : frames,
    headers: {
      ...(route.protocol === 'rest' ? { 'x-amzn-codewhisperer-conversation-id': scene.conversation.id } : {}),
      ...(fault?.name === 'lying-content-length' ? { 'content-length': '1000000' } : {}),
    },
    fault,
    frameDelayMs: numberParameter(choice.parameters, 'delay', world.configuration.pace.frameDelayMs),
    chunkBytes: chunkBytes > 0 ? chunkBytes : undefined,
  })
}

/** A person's typing mistake in a marker gets an answer that helps. */
function unknownScenario(name: string): Scenario {
  return (scene) => say(scene, `I know no scenario "${name}". I know: ${scenarioNames.join(', ')}.`)
}
