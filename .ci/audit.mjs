// Called by run: `node .ci/audit.mjs FILE` judges what `npm audit --json` printed. Exits with 1 for known
// vulnerabilities; a registry that answers no audits is said to be so, and is no failure.

import { readFileSync } from 'node:fs'

const [file = ''] = process.argv.slice(2)
const report = read(file)
if (!report?.vulnerabilities) {
  process.stdout.write(`Could not ask for known vulnerabilities: ${reason(report)}\n`)
} else {
  const found = Object.values(report.vulnerabilities)
  for (const { name, severity, range } of found)
    process.stdout.write(`${severity}: ${name} ${range}`.trim().concat('\n'))
  process.stdout.write(`${found.length} dependencies with known vulnerabilities.\n`)
  process.exitCode = found.length === 0 ? 0 : 1
}

function read(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return null
  }
}

function reason(answer) {
  return answer?.message || answer?.error?.summary || 'npm gave no answer.'
}
