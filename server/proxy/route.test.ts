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
  ] as const)('%s', (requested, offered, model, how) => {
    expect(resolveModel(requested, offered, settings)).toEqual({ model, how })
  })

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
