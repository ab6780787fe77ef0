import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto'
import { ProxyError } from '../canonical/error.ts'
import type { SealedExport } from '../contract/account-transfer.ts'

const cipher = 'aes-256-gcm'
const tagBytes = 16
/** 128 MB and about half a second: an export is opened by hand, and its passphrase may be weak. */
const work = { N: 131_072, r: 8, p: 1 }
const memoryLimitBytes = 272 * 1_048_576

/** Seals a text under a passphrase. The work is done off the event loop. */
export async function sealText(text: string, passphrase: string, exportedAt: string): Promise<SealedExport> {
  const salt = randomBytes(16)
  const iv = randomBytes(12)
  const key = await deriveKey(passphrase, salt, work)
  const sealing = createCipheriv(cipher, key, iv)
  const data = Buffer.concat([sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()])
  return {
    format: 'culvert-accounts-sealed',
    version: 1,
    exported_at: exportedAt,
    kdf: { name: 'scrypt', ...work, salt: salt.toString('base64') },
    cipher,
    iv: iv.toString('base64'),
    data: data.toString('base64'),
  }
}

/** Opens what `sealText` sealed. Throws ProxyError `invalid-request` for a wrong passphrase or a damaged file. */
export async function openText(sealed: SealedExport, passphrase: string): Promise<string> {
  const { N, r, p, salt } = sealed.kdf
  if (128 * N * r > memoryLimitBytes) {
    throw new ProxyError('invalid-request', 'This export asks for more memory than Culvert spends on opening one.', {
      param: 'sealed.kdf',
    })
  }
  try {
    const key = await deriveKey(passphrase, Buffer.from(salt, 'base64'), { N, r, p })
    const data = Buffer.from(sealed.data, 'base64')
    const opening = createDecipheriv(cipher, key, Buffer.from(sealed.iv, 'base64'), { authTagLength: tagBytes })
    opening.setAuthTag(data.subarray(-tagBytes))
    return Buffer.concat([opening.update(data.subarray(0, -tagBytes)), opening.final()]).toString('utf8')
  } catch (cause) {
    throw new ProxyError(
      'invalid-request',
      'The export can not be opened: the passphrase is wrong or the file is damaged.',
      {
        param: 'passphrase',
        cause,
      },
    )
  }
}

function deriveKey(passphrase: string, salt: Buffer, cost: typeof work): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(passphrase.normalize('NFKC'), salt, 32, { ...cost, maxmem: memoryLimitBytes }, (error, key) => {
      if (error) reject(error)
      else resolve(key)
    })
  })
}
