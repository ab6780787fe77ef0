import type { Conversation } from '../conversation.ts'
import { isObject } from '../json.ts'
import type { Model } from '../models.ts'
import type { Account } from '../state/accounts.ts'
import type { Endpoint } from '../state/received.ts'
import type { World } from '../world.ts'
import { checkBody } from './body.ts'
import { checkFields } from './fields.ts'
import { checkHistory } from './history.ts'
import { checkAssistantMessage, checkUserMessage, type CheckedMessage } from './messages.ts'
import { checkProfileArn } from './profile.ts'
import { checkSizes } from './sizes.ts'
import { checkTools } from './tools.ts'
import { demand } from './violation.ts'

export interface Asked {
  readonly world: World
  readonly account: Account
  readonly endpoint: Endpoint
  readonly body: unknown
  readonly conversation: Conversation
}

/** Origins that the Kiro host serves (amazon-q.md §2.1). */
const kiroOrigins: ReadonlySet<unknown> = new Set([undefined, 'AI_EDITOR', 'KIRO_CLI'])

/**
 * Judges a generate request as the service does, and finds its model.
 *
 * @throws Violation for the first broken rule
 */
export function validateRequest({ world, account, endpoint, body, conversation }: Asked): Model {
  const { behaviour } = world.configuration
  const { root, history, current } = checkBody(body, endpoint, behaviour)
  checkProfileArn(root['profileArn'], account, endpoint, behaviour)
  if (endpoint === 'E4') demand(kiroOrigins.has(current['origin']), 'origin: not served on this host')
  const model = findModel(world, account, conversation.modelId)
  checkFields(root['additionalModelRequestFields'], model)
  const signing = {
    signatures: world.signatures,
    modelId: behaviour.signaturesBoundToModel ? model.id : undefined,
  }
  const messages: CheckedMessage[] = history.map((entry, index) => {
    const where = `history.${index}`
    demand(isObject(entry) && Object.keys(entry).length === 1, `${where}: not exactly one message`)
    const { userInputMessage, assistantResponseMessage } = entry
    if (isObject(userInputMessage)) return checkUserMessage(userInputMessage, where)
    demand(isObject(assistantResponseMessage), `${where}: neither user nor assistant`)
    return checkAssistantMessage(assistantResponseMessage, where, signing)
  })
  messages.push(checkUserMessage(current, 'currentMessage'))
  const context = current['userInputMessageContext']
  const declared = checkTools(isObject(context) ? context['tools'] : undefined, behaviour)
  checkHistory(messages, declared, endpoint)
  checkSizes(conversation, model, behaviour)
  return model
}

function findModel(world: World, account: Account, modelId: string | undefined): Model {
  const wanted = modelId ?? 'auto'
  const offered = world.models.offered(account.plan, account.models)
  const model = offered.find(({ id }) => id === wanted) ?? (modelId === undefined ? offered[0] : undefined)
  demand(model !== undefined, `modelId ${wanted} is unknown or not in the plan`, 'invalid-model')
  return model
}
