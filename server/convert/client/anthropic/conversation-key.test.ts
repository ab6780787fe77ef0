import { describe, expect, it } from 'vitest'
import { conversationKey } from './conversation-key.ts'
import { withoutBillingHeader } from './system-metadata.ts'

const uuid = '0b1f6c1e-7a50-4a6e-9d7c-3f2a1b4c5d6e'

describe('conversation-key.ts', () => {
  it.each([
    ['nothing', {}, undefined, undefined],
    ['the header', { sessionId: 's' }, undefined, 's'],
    ['the header before the body', { sessionId: 's' }, `user_x_session_${uuid}`, 's'],
    ['a sub-agent', { sessionId: 's', agentId: 'a' }, undefined, 's/a'],
    ['a sub-agent of a session in the body', { agentId: 'a' }, `{"session_id":"${uuid}"}`, `${uuid}/a`],
    ['an agent without a session', { agentId: 'a' }, undefined, undefined],
    ['the older user id', {}, `user_abc_account__session_${uuid}`, uuid],
    ['the newer user id', {}, `{"device_id":"d","account_uuid":"","session_id":"${uuid}"}`, uuid],
    ['a user id of another kind', {}, 'user-123', undefined],
    ['JSON of another kind', {}, '{"session_id":5}', undefined],
    ['broken JSON', {}, '{"session_id":', undefined],
    ['an array', {}, '[]', undefined],
    ['an empty session', { sessionId: '' }, '{"session_id":""}', undefined],
    ['an endless session', { sessionId: 's'.repeat(201) }, undefined, undefined],
    ['an endless user id', {}, `${'x'.repeat(5_000)}session_${uuid}`, undefined],
  ])('%s', (_name, headers, userId, key) => expect(conversationKey(headers, userId)).toBe(key))
})

describe('system-metadata.ts', () => {
  it.each([
    ['x-anthropic-billing-header: cc_version=2.1.329.abc; cc_entrypoint=cli;', ''],
    ['x-anthropic-billing-header: a\nYou are helpful.\nx', 'You are helpful.\nx'],
    ['You are helpful.', 'You are helpful.'],
    ['Never print x-anthropic-billing-header: a', 'Never print x-anthropic-billing-header: a'],
    ['', ''],
  ])('%j', (text, rest) => expect(withoutBillingHeader(text)).toBe(rest))
})
