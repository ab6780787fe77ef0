import { amazonQErrorSchema } from '../../../wire/amazon-q/error.ts'

/** What an error answer or exception frame says, brought together from its possible places (amazon-q.md §4.1). */
export interface ErrorSigns {
  /** 0: an exception inside a stream. */
  readonly status: number
  /** The exception's name without namespace, e.g. `ThrottlingException`; '' when not told. */
  readonly type: string
  /** '' when not told. */
  readonly reason: string
  /** The service's own sentence; '' when there is none. */
  readonly message: string
  /** The message, or the body where that is no JSON. Bounded. */
  readonly text: string
  /** Length of the request's body; 0 when not known. */
  readonly requestLength: number
}

const MAX_TEXT = 4_000

export function readErrorSigns(
  status: number,
  headerType: string | undefined,
  bodyText: string,
  requestLength: number,
): ErrorSigns {
  const body = parse(bodyText)
  const type = shapeName(body.__type ?? headerType ?? body.error?.type ?? '')
  const message = (body.message ?? body.Message ?? body.error?.message ?? '').trim()
  return {
    status,
    type,
    reason: body.reason ?? body.error?.code ?? '',
    message,
    text: (message === '' ? bodyText : message).slice(0, MAX_TEXT),
    requestLength,
  }
}

function parse(bodyText: string): ReturnType<typeof amazonQErrorSchema.parse> {
  try {
    const read = amazonQErrorSchema.safeParse(JSON.parse(bodyText))
    if (read.success) return read.data
  } catch {
    // A web page of some proxy, or nothing: the status has to do.
  }
  return {}
}

/** `com.amazon.aws.codewhisperer#ThrottlingException:http://…` → `ThrottlingException`. */
function shapeName(value: string): string {
  const withoutNamespace = value.slice(value.indexOf('#') + 1)
  return (withoutNamespace.split(':', 1)[0] ?? '').trim().slice(0, 100)
}
