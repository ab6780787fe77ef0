import { isBuiltin } from 'node:module'
import { posix } from 'node:path'

/** What an import points at. `path` is relative to the project's root. */
export type Target =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'package'; readonly name: string }
  | { readonly kind: 'node' }
  | { readonly kind: 'outside' }

/** Resolves a specifier as written in the file `from`. Node's modules may be written with or without `node:`. */
export function resolveImport(from: string, specifier: string): Target {
  if (specifier.startsWith('.')) {
    const path = posix.normalize(posix.join(posix.dirname(from), specifier))
    return path.startsWith('../') ? { kind: 'outside' } : { kind: 'file', path }
  }
  if (specifier.startsWith('/') || specifier.startsWith('file:')) return { kind: 'outside' }
  if (isBuiltin(specifier)) return { kind: 'node' }
  const [first = '', second = ''] = specifier.split('/')
  return { kind: 'package', name: first.startsWith('@') ? `${first}/${second}` : first }
}

/** Whether `path` is the file or lies in the folder that `place` names. */
export function isWithin(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`)
}
