import { isArray, isObject } from '../json.ts'
import { demand } from './violation.ts'

const formats: ReadonlySet<unknown> = new Set(['png', 'jpeg', 'gif', 'webp'])
const imageLimit = 10
const byteLimit = 10_000_000
const base64 = /^[A-Za-z0-9+/]+={0,2}$/u

/**
 * The images of one message (amazon-q.md §2.4, §2.6): at most ten, each of a known format, at most 10,000,000 bytes.
 *
 * @throws Violation
 */
export function checkImages(images: unknown, where: string): void {
  if (images === undefined) return
  demand(isArray(images), `${where}: images is no list`)
  demand(images.length <= imageLimit, `${where}: more than ${imageLimit} images`)
  for (const [index, image] of images.entries()) {
    const here = `${where}.images.${index}`
    demand(isObject(image) && isObject(image['source']), `${here}: no source`)
    demand(formats.has(image['format']), `${here}: unknown format`)
    const bytes = image['source']['bytes']
    demand(typeof bytes === 'string' && bytes.length % 4 === 0 && base64.test(bytes), `${here}: bytes are no base64`)
    demand(Buffer.byteLength(bytes, 'base64') <= byteLimit, `${here}: over ${byteLimit} bytes`)
  }
}
