// The storm in its short form: some seconds of it, and so fewer kills, resumes and late commits than `npm run storm`
// asks for, which rages for minutes.

import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { print } from '../../bench/storm/figures.ts'
import { storm } from '../../bench/storm/storm.ts'
import { testDatabase } from '../support/database.ts'

const SECONDS = 7

test('through kills, cuts and silent wake-ups everybody receives what they may see, once, in order', async () => {
  const { url, close } = await testDatabase()
  const seed = randomBytes(4).toString('hex')
  try {
    const { figures, faults } = await storm({
      url,
      seed,
      seconds: SECONDS,
      longestSeconds: 90,
      organisations: 3,
      writers: 8,
      lateWriters: 4,
      subscribers: 18,
      writerPauseMs: 500,
      troublePauseMs: 2000,
      longestFollowMs: 600,
      least: { kills: 2, 'resumes elsewhere': 10, 'late commits': 5 },
    })
    console.log(`A storm of ${SECONDS} s, the seed was ${seed}\n${print(figures)}`)
    expect(faults).toEqual([])
  } finally {
    await close()
  }
}, 180_000)
