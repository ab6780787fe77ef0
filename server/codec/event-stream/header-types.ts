/**
 * One header's value with its wire type (amazon-q.md §3.1). The names of the types are those of AWS's own clients.
 * `timestamp` is in milliseconds since the epoch, a bigint because the wire has 64 bits; `uuid` is lower-case, with
 * dashes.
 */
export type EventStreamHeader =
  | { readonly type: 'boolean'; readonly value: boolean }
  | { readonly type: 'byte'; readonly value: number }
  | { readonly type: 'short'; readonly value: number }
  | { readonly type: 'integer'; readonly value: number }
  | { readonly type: 'long'; readonly value: bigint }
  | { readonly type: 'binary'; readonly value: Uint8Array }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'timestamp'; readonly value: bigint }
  | { readonly type: 'uuid'; readonly value: string }

/** All headers of one message by name, in wire order. A Map, so that a name such as `__proto__` is just a name. */
export type EventStreamHeaders = ReadonlyMap<string, EventStreamHeader>

/** The numbers that stand for the types on the wire. */
export const HEADER_TYPE = {
  true: 0,
  false: 1,
  byte: 2,
  short: 3,
  integer: 4,
  long: 5,
  binary: 6,
  string: 7,
  timestamp: 8,
  uuid: 9,
} as const
