// Called by run: `node .ci/counts.mjs RESULTS` prints how many tests passed, failed and were skipped, by vitest's JSON
// report. Exits with 1 when a test failed, when none ran, or when there is no report.

import { readFileSync } from 'node:fs'

const [file = ''] = process.argv.slice(2)
const { passed, failed, skipped, success } = read(file)
if (passed + failed === 0) process.stderr.write('No test ran.\n')
process.stdout.write(`tests: ${passed} passed, ${failed} failed, ${skipped} skipped\n`)
process.exitCode = success && failed === 0 && passed > 0 ? 0 : 1

function read(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'))
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests,
      skipped: report.numPendingTests + report.numTodoTests,
      success: report.success,
    }
  } catch (error) {
    process.stderr.write(`There are no test results: ${error.message}\n`)
    return { passed: 0, failed: 0, skipped: 0, success: false }
  }
}
