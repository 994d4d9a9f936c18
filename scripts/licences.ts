// `npm run licences` writes docs/licences.md: what is installed to run Deskwire, and under which licence. With --check
// nothing is written: it fails when the file is not what package-lock.json says, or a licence is not one we accept.

import { readFileSync, writeFileSync } from 'node:fs'

interface Locked {
  version: string
  license?: string
  dev?: boolean
}

const FILE = 'docs/licences.md'
/** Permissive ones, and such as ask only for changes of the package itself to be shown. */
const ACCEPTED = new Set([
  ...['0BSD', 'Apache-2.0', 'BlueOak-1.0.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT and ISC'],
  ...['Unlicense', 'MPL-2.0', 'EPL-2.0'],
])
/** Their package.json says it in another form, or only a file of theirs does. */
const SAID_ELSEWHERE: Record<string, string> = { busboy: 'MIT', streamsearch: 'MIT', 'seq-queue': 'MIT' }

const packages = Object.entries(
  JSON.parse(readFileSync('package-lock.json', 'utf8')).packages as Record<string, Locked>,
)
const installed = packages
  .filter(([path, { dev }]) => path !== '' && !dev)
  .map(([path, { version, license }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return { name, version, licence: license ?? SAID_ELSEWHERE[name] ?? 'unknown' }
  })

const refused = installed.filter(({ licence }) => !ACCEPTED.has(licence))
for (const { name, version, licence } of refused) console.error(`${name} ${version} is under ${licence}.`)
if (refused.length > 0) {
  console.error('Read these licences, then accept them in scripts/licences.ts or do without the packages.')
  process.exit(1)
}

const text = [
  '# Licences',
  '',
  'Deskwire itself is under the MIT licence ([LICENSE](../LICENSE)). What `npm ci` installs to run it, by licence; made',
  'from package-lock.json by `npm run licences`.',
  ...[...Map.groupBy(installed, ({ licence }) => licence)].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(section),
  '',
].join('\n')

if (!process.argv.includes('--check')) {
  writeFileSync(FILE, text)
} else if (readFileSync(FILE, 'utf8') !== text) {
  console.error(`${FILE} is not what package-lock.json says: run \`npm run licences\` and commit it.`)
  process.exit(1)
}

function section([licence, all]: [string, typeof installed]): string[] {
  const named = [...new Set(all.map(({ name, version }) => `${name} ${version}`))].sort()
  return ['', `## ${licence}`, '', ...named.map((one) => `- ${one}`)]
}
