import { writeFileSync } from 'node:fs'

/**
 * A vitest reporter that writes what `npm test` sums up, to the file that CULVERT_TEST_SUMMARY names:
 * `{ passed, failed, skipped: [{ name, reason }] }`. A file that can't be loaded and an error outside of any test count
 * as one failed test each.
 */
export default class SummaryReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const summary = { passed: 0, failed: unhandledErrors.length, skipped: [] }
    for (const module of modules) {
      let tests = 0
      for (const test of module.children.allTests()) {
        tests += 1
        const { state, note } = test.result()
        if (state === 'passed') summary.passed += 1
        else if (state === 'failed') summary.failed += 1
        else
          summary.skipped.push({
            name: `${module.relativeModuleId} > ${test.fullName}`,
            reason: note ?? 'no reason given',
          })
      }
      if (tests === 0 || module.errors().length > 0) summary.failed += 1
    }
    const file = process.env.CULVERT_TEST_SUMMARY
    if (file !== undefined) writeFileSync(file, JSON.stringify(summary))
  }
}
