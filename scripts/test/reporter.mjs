import { writeFileSync } from 'node:fs'

/**
 * A vitest reporter that writes what `npm test` sums up, to the file that CULVERT_TEST_SUMMARY names:
 * `{ passed, failed: [name], skipped: [{ name, reason }] }`. A file that can't be loaded and an error outside of any test
 * count as one failed test each.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.map(() => 'an error outside of any test'), skipped: [] }
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const name = `${module.relativeModuleId} > ${test.fullName}`
        const { state, note } = test.result()
        if (state === 'passed') summary.passed += 1
        else if (state === 'failed') summary.failed.push(name)
        else summary.skipped.push({ name, reason: note ?? 'no reason given' })
      }
      if (tests.length === 0 || module.errors().length > 0) summary.failed.push(module.relativeModuleId)
    }
    const file = process.env.CULVERT_TEST_SUMMARY
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary))
  }
}
