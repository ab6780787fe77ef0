import { z } from 'zod'
import { settingsChangeShape } from '../settings-change.ts'
import { settingsSchema } from '../settings.ts'
import { base } from './base.ts'

const tags = ['Settings']

/** All settings, and which of them the environment sets. */
export const settingsViewSchema = z.object(settingsSchema.shape).extend({
  overridden: z.array(z.string()).describe('Names that the environment sets; they can not be changed here.'),
  override_sources: z
    .record(z.string(), z.string())
    .describe('By name, the environment variable or argument that sets it.'),
})

const settingsInput = z.strictObject({
  ...settingsChangeShape,
  overridden: z.array(z.string()).optional().describe('Ignored: what was read may be sent back as it is.'),
  override_sources: z.record(z.string(), z.string()).optional().describe('Ignored, too.'),
})

export const settingsContract = {
  get: base
    .route({ method: 'GET', path: '/v2/settings', tags, summary: 'The settings in force' })
    .output(settingsViewSchema),
  put: base
    .route({ method: 'PUT', path: '/v2/settings', tags, summary: 'Change the named settings; the others stay' })
    .input(settingsInput)
    .output(settingsViewSchema),
}
