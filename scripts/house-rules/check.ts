import { findCycles } from './cycles.ts'
import { isSource, readModule } from './read-module.ts'
import type { ImportSite, ModuleFacts } from './read-module.ts'
import { isWithin, resolveImport } from './resolve.ts'
import type { Target } from './resolve.ts'
import { folderRules, freeFolders, maxSourceLines, packageRules, productFolders } from './rules.ts'
import type { FolderRule } from './rules.ts'

/** One broken rule, said so that a person knows what to change. `line` counts from 1. */
export interface Violation {
  readonly rule:
    | 'folder'
    | 'package'
    | 'node'
    | 'outside'
    | 'missing'
    | 'extension'
    | 'cycle'
    | 'length'
    | 'suppression'
    | 'syntax'
  readonly path: string
  readonly line: number
  readonly message: string
}

/**
 * Checks a whole tree against the house rules. `files`: path relative to the root → source text of every file with code.
 * Tests may import anything, but take part in the other checks.
 */
export function checkTree(files: ReadonlyMap<string, string>): readonly Violation[] {
  const violations: Violation[] = []
  const edges = new Map<string, readonly string[]>()
  for (const [path, source] of files) {
    const facts = readModule(path, source)
    violations.push(...checkFile(path, facts, files))
    edges.set(path, targetsOf(path, facts))
  }
  for (const cycle of findCycles(edges)) {
    const [path = ''] = cycle
    violations.push({ rule: 'cycle', path, line: 1, message: `imports itself: ${[...cycle, path].join(' → ')}` })
  }
  return violations
}

function checkFile(path: string, facts: ModuleFacts, files: ReadonlyMap<string, string>): Violation[] {
  const found: Violation[] = []
  for (const message of facts.errors) found.push({ rule: 'syntax', path, line: 1, message })
  for (const line of facts.suppressions) {
    found.push({ rule: 'suppression', path, line, message: 'switches a check off; mend what it complains about' })
  }
  if (facts.lines > maxSourceLines && !isTest(path)) {
    const message = `has ${facts.lines} lines; split it by concern (at most ${maxSourceLines})`
    found.push({ rule: 'length', path, line: 1, message })
  }
  for (const site of facts.imports) {
    const target = resolveImport(path, site.specifier)
    const problem = problemOf(path, site, target, files)
    if (problem !== undefined) found.push({ ...problem, path, line: site.line })
  }
  return found
}

type Problem = Pick<Violation, 'rule' | 'message'>

function problemOf(
  path: string,
  site: ImportSite,
  target: Target,
  files: ReadonlyMap<string, string>,
): Problem | undefined {
  if (target.kind === 'outside') {
    return { rule: 'outside', message: `imports ${site.specifier}, which is outside of the project` }
  }
  if (target.kind === 'file' && !files.has(target.path) && mustBeThere(target.path)) {
    const hint = files.has(`${target.path}.ts`) || files.has(target.path.replace(/\.js$/u, '.ts'))
    return hint
      ? { rule: 'extension', message: `imports ${site.specifier}; write the file's own ending, .ts` }
      : { rule: 'missing', message: `imports ${site.specifier}, which does not exist` }
  }
  if (isTest(path) || freeFolders.some((folder) => isWithin(path, folder))) return undefined
  const rule = ruleFor(path)
  if (rule === undefined) return undefined
  if (target.kind === 'node') {
    if (rule.node) return undefined
    return { rule: 'node', message: `imports ${site.specifier}; ${rule.of} may not use Node's modules` }
  }
  return target.kind === 'package' ? packageProblem(path, target.name) : folderProblem(site, target.path, rule)
}

function folderProblem(site: ImportSite, target: string, rule: FolderRule): Problem | undefined {
  const isProduct = productFolders.some((folder) => isWithin(target, folder))
  if (isTest(target) || !isProduct) {
    return { rule: 'folder', message: `imports ${target}; the product may not import what is not part of it` }
  }
  if (isWithin(target, rule.of) && ruleFor(target)?.of === rule.of) return undefined
  if (rule.may.some((place) => isWithin(target, place))) return undefined
  const types = rule.mayTypes.some((place) => isWithin(target, place))
  if (types && site.typeOnly) return undefined
  const allowed = [...rule.may, ...rule.mayTypes.map((place) => `types of ${place}`)]
  const list = allowed.length === 0 ? 'nothing of the app' : `only ${allowed.join(', ')}`
  const hint = types ? ' (write `import type`)' : ''
  return { rule: 'folder', message: `imports ${target}; ${rule.of} may import ${list}${hint}` }
}

function packageProblem(path: string, name: string): Problem | undefined {
  const rules = packageRules.filter(
    (rule) => rule.name === name || (rule.name.endsWith('/') && name.startsWith(rule.name)),
  )
  if (rules.some((rule) => rule.in.some((place) => isWithin(path, place)))) return undefined
  const places = rules.flatMap((rule) => rule.in)
  const where = places.length === 0 ? 'it is not on the list of packages' : `only ${places.join(', ')} may`
  return { rule: 'package', message: `imports the package ${name}; ${where} (scripts/house-rules/rules.ts)` }
}

function ruleFor(path: string): FolderRule | undefined {
  return folderRules.filter((rule) => isWithin(path, rule.of)).toSorted((a, b) => b.of.length - a.of.length)[0]
}

/** Data files are the type checker's to find; an import without an ending is one of code. */
function mustBeThere(path: string): boolean {
  return isSource(path) || !/\.\w+$/u.test(path)
}

function targetsOf(path: string, facts: ModuleFacts): readonly string[] {
  return facts.imports.flatMap((site) => {
    const target = resolveImport(path, site.specifier)
    return target.kind === 'file' ? [target.path] : []
  })
}

/** Tests and what only tests use stand beside the code. */
function isTest(path: string): boolean {
  return /\.test\.tsx?$/u.test(path) || path.includes('/testing/')
}
