import { answerFrames } from './answer-frames.ts'
import { answerCatalogue, answerHttpFault, authorize } from './authorize.ts'
import { choose, type Choice } from './choose.ts'
import { readConversation } from './conversation.ts'
import { deliver } from './deliver.ts'
import { numberParameter } from './directives.ts'
import { answer, jsonBody, type Exchange } from './exchange.ts'
import type { Fault } from './faults.ts'
import { allModels } from './models.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scene } from './scenarios/scenario.ts'
import type { Account } from './state/accounts.ts'

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
  const body = jsonBody(exchange)
  const conversation = readConversation(body)
  const choice = choose(exchange, step, conversation)
  const fault = standing ?? choice.fault
  entry.scenario = choice.scenario
  if (answerHttpFault(exchange, fault)) return
  const offered = world.models.offered(account.plan, account.models)
  const model = offered.find(({ id }) => id === (conversation.modelId ?? 'auto')) ?? offered[0] ?? allModels[0]
  if (model === undefined) return answerCatalogue(exchange, 'invalid-model', 'refused', 'the account has no models')
  const scene: Scene = {
    conversation,
    parameters: choice.parameters,
    model,
    ids: world.ids,
    signatures: world.signatures,
  }
  await perform(exchange, account, scene, choice, fault)
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
  if (fault?.name === 'html-200') {
    const html = '<!doctype html><title>Sign in</title><h1>Please sign in to the network</h1>'
    return answer(exchange, { status: 200, headers: { 'content-type': 'text/html' }, body: html }, 'fault')
  }
  const scenario = scenarios[choice.scenario] ?? scenarios['default']
  if (scenario === undefined) return
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
