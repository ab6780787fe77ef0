import { describe, expect, it } from 'vitest'
import { createRouter, resolveModel, type RouteSettings } from './route.ts'

const settings: RouteSettings = {
  modelAliases: { mine: 'claude-opus-4.8' },
  unknownModelPolicy: 'refuse',
  defaultModel: 'claude-sonnet-4.5',
}
const pro = [
  'auto',
  'claude-sonnet-4',
  'claude-sonnet-4.5',
  'claude-haiku-4.5',
  'claude-opus-4.5',
  'claude-opus-4.8',
  'claude-opus-5',
  'gpt-5.6-sol',
]
const free = ['auto', 'claude-sonnet-4', 'claude-sonnet-4.5', 'claude-haiku-4.5']

describe('proxy/route', () => {
  it.each([
    ['claude-sonnet-4.5', pro, 'claude-sonnet-4.5', 'exact'],
    ['claude-sonnet-4-5', pro, 'claude-sonnet-4.5', 'normalized'],
    ['claude-sonnet-4-5-20250929', pro, 'claude-sonnet-4.5', 'normalized'],
    ['claude-sonnet-4-20250514', pro, 'claude-sonnet-4', 'normalized'],
    ['anthropic/claude-sonnet-4.5', pro, 'claude-sonnet-4.5', 'normalized'],
    ['claude-opus-5-5', pro, 'claude-opus-5', 'family'],
    ['claude-opus-5-5[1m]', pro, 'claude-opus-5', 'family'],
    ['claude-opus-4-6', pro, 'claude-opus-4.5', 'family'],
    ['claude-opus-4-1-20250805', pro, 'claude-opus-4.5', 'family'],
    ['claude-3-5-haiku-20241022', pro, 'claude-haiku-4.5', 'family'],
    ['claude-haiku-4-5-20251001', pro, 'claude-haiku-4.5', 'normalized'],
    ['claude-3-7-sonnet-latest', pro, 'claude-sonnet-4', 'family'],
    ['claude-fable-5-2', pro, 'claude-opus-5', 'family'],
    ['claude-opus-5-5', free, 'claude-sonnet-4.5', 'family'],
    ['opus', pro, 'claude-opus-5', 'family'],
    ['sonnet', free, 'claude-sonnet-4.5', 'family'],
    ['mine', pro, 'claude-opus-4.8', 'alias'],
    ['gpt-5.6-sol', pro, 'gpt-5.6-sol', 'exact'],
    ['claude-sonnet-4-5-20250929', [], 'claude-sonnet-4.5', 'pass-through'],
    ['gpt-4', pro, 'claude-sonnet-4', 'default-alias'],
    ['gpt-4-turbo-2024-04-09', pro, 'claude-sonnet-4', 'default-alias'],
    ['gpt-4o', pro, 'claude-sonnet-4.5', 'default-alias'],
    ['openai/gpt-5.6-sol', pro, 'gpt-5.6-sol', 'normalized'],
    ['openai/gpt-4o', pro, 'claude-sonnet-4.5', 'default-alias'],
    ['GPT-4o-2024-08-06', pro, 'claude-sonnet-4.5', 'default-alias'],
    ['chatgpt-4o-latest', pro, 'claude-sonnet-4.5', 'default-alias'],
    ['gpt-4.1', pro, 'claude-sonnet-4.5', 'default-alias'],
    ['gpt-4o-mini', pro, 'claude-haiku-4.5', 'default-alias'],
    ['gpt-4.1-nano-2025-04-14', pro, 'claude-haiku-4.5', 'default-alias'],
    ['gpt-5.4-nano', pro, 'claude-haiku-4.5', 'default-alias'],
    ['gpt-5.1-codex-mini', pro, 'claude-haiku-4.5', 'default-alias'],
    ['o4-mini', pro, 'claude-haiku-4.5', 'default-alias'],
    ['gpt-3.5-turbo', free, 'claude-haiku-4.5', 'default-alias'],
    ['o1', pro, 'claude-opus-5', 'default-alias'],
    ['o3-pro', pro, 'claude-opus-5', 'default-alias'],
    ['gpt-5', pro, 'claude-opus-5', 'default-alias'],
    ['gpt-5.5', free, 'claude-sonnet-4.5', 'default-alias'],
    ['gpt-5.6-sol', free, 'claude-sonnet-4.5', 'default-alias'],
    ['gpt-6.1-sol', pro, 'claude-opus-5', 'default-alias'],
    ['gpt-4', ['claude-sonnet-5', 'claude-haiku-4.5'], 'claude-sonnet-5', 'default-alias'],
    ['gpt-4o-mini', ['claude-sonnet-4'], 'claude-sonnet-4', 'default-alias'],
    ['gpt-4o', [], 'claude-sonnet-4.5', 'default-alias'],
    ['gpt-5.6-sol', [], 'gpt-5.6-sol', 'pass-through'],
  ] as const)('%s', (requested, offered, model, how) => {
    expect(resolveModel(requested, offered, settings)).toEqual({ model, how })
  })

  it('puts the aliases of the person before those that it has itself', () => {
    const own = { ...settings, modelAliases: { 'gpt-4o': 'claude-opus-4.8' } }
    expect(resolveModel('gpt-4o', pro, own)).toEqual({ model: 'claude-opus-4.8', how: 'alias' })
  })

  it.each(['gpt', 'gpt-oss-120b', 'o', 'opal', 'omni-moderation', 'my-gpt-4o', 'text-embedding-3-large', 'gpt-4\n'])(
    'has nothing for %j',
    (name) => expect(resolveModel(`${name}x`, pro, settings)).toBeUndefined(),
  )

  it('refuses, defaults or passes through what it does not know, as the setting says', () => {
    expect(resolveModel('my-model', pro, settings)).toBeUndefined()
    expect(resolveModel('my-model', pro, { ...settings, unknownModelPolicy: 'default' })?.model).toBe(
      'claude-sonnet-4.5',
    )
    expect(resolveModel('my-model', pro, { ...settings, unknownModelPolicy: 'pass-through' })?.model).toBe('my-model')
    expect(resolveModel('my-model', ['auto'], { ...settings, unknownModelPolicy: 'default' })).toBeUndefined()
  })

  it('forgets what it resolved when the settings change', () => {
    const route = createRouter()
    expect(route('x', pro, settings)).toBeUndefined()
    expect(route('x', pro, { ...settings, unknownModelPolicy: 'default' })?.model).toBe('claude-sonnet-4.5')
  })
})
