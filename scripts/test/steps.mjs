import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { projectNode, root, toolScript } from '../lib/project.mjs'
import { collect } from '../lib/run.mjs'

/** Longest that one step may take, ms. */
const stepTimeout = 15 * 60_000

/**
 * The parts of `npm test` in their order. Each runs to `{ passed, failed: [name], skipped: [{ name, reason }], output }`; a
 * step that is not made of tests counts as one.
 */
export const steps = [
  checkStep('types', 'type check', ['typescript/bin/tsc', '-p', 'tsconfig.json']),
  checkStep('lint', 'lint', ['oxlint/bin/oxlint', '--deny-warnings']),
  {
    name: 'imports',
    title: 'import rules',
    run: () => check('import rules', [join(root, 'scripts', 'check-imports.ts')]),
  },
  checkStep('format', 'format', ['oxfmt/bin/oxfmt', '--check']),
  checkStep('unused', 'unused files, exports and dependencies', ['knip/bin/knip.js', '--no-progress']),
  testStep('unit', 'unit tests'),
  testStep('integration', 'integration tests'),
  testStep('e2e', 'end-to-end tests with real clients'),
]

function checkStep(name, title, [tool, ...args]) {
  return { name, title, run: () => check(title, [toolScript(tool), ...args]) }
}

async function check(title, args) {
  const { code, output } = await collect(projectNode(), args, { cwd: root, env: environment(), timeout: stepTimeout })
  return code === 0
    ? { passed: 1, failed: [], skipped: [], output: '' }
    : { passed: 0, failed: [title], skipped: [], output }
}

function testStep(project, title) {
  return { name: project, title, run: () => runTests(project) }
}

async function runTests(project) {
  const folder = mkdtempSync(join(tmpdir(), 'culvert-summary-'))
  const file = join(folder, 'summary.json')
  try {
    const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts', 'test', 'reporter.mjs')}`]
    const args = [toolScript('vitest/vitest.mjs'), 'run', '--project', project, '--passWithNoTests', ...reporters]
    const env = { ...environment(), CULVERT_TEST_SUMMARY: file }
    const { code, output } = await collect(projectNode(), args, { cwd: root, env, timeout: stepTimeout })
    const summary = readSummary(file, code, project)
    return { ...summary, output: summary.failed.length === 0 ? '' : output }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the reporter wrote. A run that failed without a failed test, or wrote nothing, has failed once. */
function readSummary(file, code, project) {
  let summary = { passed: 0, failed: [], skipped: [] }
  try {
    summary = JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    if (code === 0) return summary // there are no tests of this kind
  }
  if (code !== 0 && summary.failed.length === 0) summary.failed.push(`the run of the ${project} tests (code ${code})`)
  return summary
}

function environment() {
  const colours = process.stdout.isTTY ? { FORCE_COLOR: '1' } : { NO_COLOR: '1', FORCE_COLOR: undefined }
  return { ...process.env, CI: 'true', ...colours }
}
