/** A payload as UTF-8 text; bytes that are no UTF-8 become U+FFFD. */
export function decodePayloadText(payload: Uint8Array): string {
  const { buffer, byteOffset, byteLength } = payload
  return (Buffer.isBuffer(payload) ? payload : Buffer.from(buffer, byteOffset, byteLength)).toString('utf8')
}
