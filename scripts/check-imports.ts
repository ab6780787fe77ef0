import { readdirSync, readFileSync } from 'node:fs'
import { resolve, sep } from 'node:path'
import { checkTree } from './house-rules/check.ts'
import { isSource } from './house-rules/read-module.ts'
import { freeFolders, productFolders } from './house-rules/rules.ts'

/**
 * Checks the import rules, cycles, file lengths and suppressed checks of the tree below the given folder (default: the
 * current one). Prints one line a violation; exits 1 when there is any.
 */
const root = resolve(process.argv[2] ?? '.')
const files = new Map<string, string>()
for (const folder of [...productFolders, ...freeFolders]) read(folder)

const violations = checkTree(files)
for (const { path, line, rule, message } of violations) console.log(`${path}:${line} ${message} [${rule}]`)
console.log(violations.length === 0 ? `${files.size} files keep the rules.` : `${violations.length} broken rules.`)
process.exitCode = violations.length === 0 ? 0 : 1

function read(folder: string): void {
  for (const entry of entriesOf(folder)) {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'dist' && entry.name !== 'fixtures') read(path)
    } else if (entry.isFile() && isSource(entry.name)) {
      files.set(path, readFileSync(resolve(root, path.replaceAll('/', sep)), 'utf8'))
    }
  }
}

function entriesOf(folder: string): ReturnType<typeof readFolder> {
  try {
    return readFolder(folder)
  } catch {
    return [] // the folder is not there (yet)
  }
}

function readFolder(folder: string) {
  return readdirSync(resolve(root, folder), { withFileTypes: true })
}
