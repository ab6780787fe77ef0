import { describe, expect, it } from 'vitest'
import type { Message } from '../../../canonical/request.ts'
import { conversationKey } from './conversation-key.ts'

const said = (text: string): Message[] => [{ role: 'user', content: [{ type: 'text', text }] }]

describe('openai/conversation-key.ts', () => {
  it('takes the first usable session', () => {
    const sessions = [undefined, '', 5, 'x'.repeat(201), 'ses_1', 'ses_2']
    expect(conversationKey({ sessions, hints: ['u'] }, said('hi'))).toBe('ses_1')
  })

  it('tells the conversations of one hint apart by their beginning', () => {
    const key = (text: string, hint: unknown = 'ada') => conversationKey({ sessions: [], hints: [hint] }, said(text))
    expect(key('one')).toMatch(/^ada\/[0-9a-f]{16}$/u)
    expect(key('one')).toBe(key('one'))
    expect(key('one')).not.toBe(key('two'))
    expect(key('one')).not.toBe(key('one', 'bob'))
    expect(key('x'.repeat(4_096))).toBe(key(`${'x'.repeat(4_096)}y`))
  })

  it('is absent when the client named nothing', () => {
    expect(conversationKey({ sessions: [undefined], hints: [null, {}] }, said('hi'))).toBeUndefined()
    expect(conversationKey({ sessions: [], hints: ['u'] }, [])).toMatch(/^u\//u)
  })
})
