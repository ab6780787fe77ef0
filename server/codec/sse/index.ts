export {
  createSseDecoder,
  type SseDecoder,
  type SseDecoderOptions,
  SseError,
  type SseErrorCode,
  type SseEvent,
} from './decode.ts'
export { sseComment, sseData, sseEvent } from './encode.ts'
