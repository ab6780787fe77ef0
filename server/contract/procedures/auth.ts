import { z } from 'zod'
import { accountSchema } from '../account.ts'
import { idInput, idSchema } from '../common.ts'
import { foundLoginSchema } from '../found-login.ts'
import { loginClaimSchema, loginSchema, loginStartedSchema, loginStartSchema } from '../login.ts'
import { base } from './base.ts'

const tags = ['Signing in']
const authInput = z.object({ authId: idSchema })

/** Signing in by device code or by browser. A login goes on in Culvert whether anybody watches it or not. */
export const authContract = {
  start: base
    .route({ method: 'POST', path: '/v2/auth/start', tags, summary: 'Start signing in' })
    .input(loginStartSchema.optional())
    .output(loginStartedSchema),
  list: base
    .route({ method: 'GET', path: '/v2/auth', tags, summary: 'Logins in progress' })
    .output(z.object({ logins: z.array(loginSchema) })),
  status: base
    .route({ method: 'GET', path: '/v2/auth/status/{authId}', tags, summary: 'How a login is going' })
    .input(authInput)
    .output(loginSchema),
  claim: base
    .route({
      method: 'POST',
      path: '/v2/auth/claim/{authId}',
      tags,
      summary: 'Wait for a login, up to 5 minutes',
      description: 'Answers 408 when it is still waiting after 5 minutes; it may be claimed again.',
    })
    .input(authInput)
    .output(loginClaimSchema),
  cancel: base
    .route({ method: 'POST', path: '/v2/auth/cancel/{authId}', tags, summary: 'Cancel a login' })
    .input(authInput)
    .output(loginSchema),
  submitCallbackUrl: base
    .route({
      method: 'POST',
      path: '/v2/auth/callback-url/{authId}',
      tags,
      summary: 'Finish a browser login by hand',
      description: 'For a browser on another machine: paste the address that its page ended on and could not open.',
    })
    .input(authInput.extend({ url: z.url().max(4_000) }))
    .output(loginSchema),
  found: base
    .route({
      method: 'GET',
      path: '/v2/auth/found',
      tags,
      summary: 'Sign-ins of other programs on this computer',
      description: 'Kiro, Kiro CLI, Amazon Q CLI, Amazon Q for VS Code. Their files are only read.',
    })
    .output(z.object({ logins: z.array(foundLoginSchema) })),
  importFound: base
    .route({
      method: 'POST',
      path: '/v2/auth/found/{id}/import',
      tags,
      summary: 'Add an account from the sign-in of another program',
    })
    .input(idInput)
    .output(accountSchema),
}
