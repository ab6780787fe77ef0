import { z } from 'zod'
import { idSchema } from './common.ts'

/** A sign-in of another program on the server's own computer. No token is ever in it. */
export const foundLoginSchema = z.object({
  id: idSchema,
  program: z.string().describe('The program that it belongs to, by the name that people know.'),
  source: z.enum(['kiro-ide', 'kiro-cli', 'amazon-q-cli', 'aws-toolkit']),
  path: z.string().describe('The file that it is in.'),
  method: z.string().describe('How it signed in: builder-id, idc, social.'),
  startUrl: z.string().nullable(),
  imported: z.boolean(),
  accountId: idSchema.nullable().describe('The account that was imported from it.'),
  warning: z.string().describe('What sharing this sign-in means, in whole sentences.'),
})

export type FoundLoginView = z.infer<typeof foundLoginSchema>
