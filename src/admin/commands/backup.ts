// `backup` and `restore`: all that the service holds, in one folder and back.

import { resolve } from 'node:path'
import { z } from 'zod'
import { checkTarget, makeBackup } from '../backup/make.ts'
import type { Manifest } from '../backup/manifest.ts'
import { besideService, inPlaceOfService, isBucket, storeOf } from '../backup/place.ts'
import { checkBackup, restore } from '../backup/restore.ts'
import { type Command, commandOutside, type Io } from '../command.ts'

const folder = z.string().min(1, 'must name a folder.')

const backup = commandOutside({
  name: 'backup',
  usage: 'FOLDER',
  summary: 'Puts database and attachments into a new folder, beside a running service or without one.',
  positionals: ['folder'],
  input: z.object({ folder }),
  async run({ config, io }, input) {
    const { dataDir } = config
    const target = resolve(input.folder)
    await checkTarget(target, dataDir)
    await besideService(config, io.note, async (url) => {
      const store = isBucket(config) ? null : await storeOf(config)
      const manifest = await makeBackup({ url, dataDir, target, store })
      tellMissing(io, manifest)
      io.note(`Backed up ${contentOf(manifest)}. Whoever reads the folder reads everything: keep it safe.`)
    })
    io.out(target)
  },
})

const restoreCommand = commandOutside({
  name: 'restore',
  usage: 'FOLDER [--replace]',
  summary: 'Puts a backup in the place of what is there, all or nothing. The service must not run.',
  positionals: ['folder'],
  flags: { replace: { help: 'gives up the database that is there, which is refused without it' } },
  input: z.object({ folder, replace: z.boolean().default(false) }),
  async run({ config, io }, input) {
    const { dataDir } = config
    const from = resolve(input.folder)
    const manifest = await checkBackup(from)
    await inPlaceOfService(config, { backup: from, log: io.note }, async (url, goesOn) => {
      const store = await storeOf(config)
      const replace = input.replace || goesOn
      await restore(manifest, { from, url, dataDir, store, isBucket: isBucket(config), replace, note: io.note })
    })
    tellMissing(io, manifest)
    io.note(`Restored ${contentOf(manifest)}, as of ${manifest.madeAt}. The service can be started now.`)
    io.note('Cursors given before are refused with RESYNC_REQUIRED: clients read again and follow from there.')
  },
})

function contentOf({ tables, attachments }: Manifest): string {
  const tickets = tables.find(({ name }) => name === 'tickets')?.rows ?? 0
  const { kept, count } = attachments
  const where = kept === 'bucket' ? ' (in their bucket, as before)' : ''
  return `${counted(tickets, 'ticket')} and ${counted(count, 'attachment')}${where}`
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`

function tellMissing(io: Io, { attachments: { missing } }: Manifest): void {
  if (missing.length === 0) return
  io.note(
    `Warning: ${counted(missing.length, 'attachment')} could not be had: lost or spoilt in the store, or redacted meanwhile.`,
  )
  for (const key of missing) io.note(`  ${key}`)
}

export const backupCommands: readonly Command[] = [backup, restoreCommand]
