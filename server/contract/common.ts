import { z } from 'zod'

/** Any value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }

const depthLimit = 32

/** Any JSON, as it is. Not nested deeper than anything that people write by hand. */
export const jsonSchema = z.unknown().refine((value) => isJson(value, depthLimit), 'expected JSON') as z.ZodType<Json>

/** A moment, ISO 8601 in UTC. */
export const timeSchema = z.iso.datetime()

/** The id of an account, a key, a login or a request. */
export const idSchema = z.string().min(1).max(100)

export const idInput = z.object({ id: idSchema })

/** Has no path: a `/` in a password would end the address before the host. */
const proxyPattern = /^(?:system|none|(?:(?:https?|socks|socks5|socks5h):\/\/)?[^\s/?#]+\/?)$/u

/** A proxy as an account names it: `system`, `none`, or an http, https or socks5 URL; without a scheme it is http. */
export const proxySchema = z
  .string()
  .max(500)
  .regex(proxyPattern, 'expected an http, https or socks5 URL without a path; a / in its password is written %2F')

/** A number in a query string or in JSON. */
export const queryNumber = z.coerce.number<number | string>()

function isJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth === 0) return false
  return Object.values(value).every((member) => isJson(member, depth - 1))
}
