import { z } from 'zod'
import { settingsSchema } from './settings.ts'
import type { Settings } from './settings.ts'

/** Some of the settings. What is absent stays as it is. */
export type SettingsChange = { readonly [Name in keyof Settings]?: Settings[Name] | undefined }

type ChangeShape = { readonly [Name in keyof Settings]: z.ZodOptional<z.ZodType<Settings[Name], Settings[Name]>> }

/** The members of `settingsSchema`, without defaults: a change must not set what it does not name. */
export const settingsChangeShape = Object.fromEntries(
  Object.entries(settingsSchema.shape).map(([name, schema]) => [name, schema.unwrap().optional()]),
) as unknown as ChangeShape

/** As `settingsSchema`, with nothing filled in. */
export const settingsChangeSchema: z.ZodType<SettingsChange> = z.strictObject(settingsChangeShape)
