// The server processes of the storm: on one database, each at an address that it keeps when it is killed and started
// again.

import { type Running, removeFolder, startProcess, temporaryFolder } from '../../test/support/process.ts'
import type { Tally } from './tally.ts'

export interface Replica {
  name: string
  url: string
  /** Ends it with SIGKILL, and starts it again `after` so many milliseconds. One that is down already stays as it is. */
  kill(after: number): Promise<void>
}

export interface Replicas {
  all: readonly [Replica, Replica]
  /** Ends them for good, without asking. */
  stop(): Promise<void>
}

/** Two processes that use the database at `url`. One that ends by itself is a fault, and is started again. */
export async function startReplicas(url: string, tally: Tally): Promise<Replicas> {
  const folders: string[] = []
  let stopping = false

  async function startOne(name: string) {
    const dataDir = await temporaryFolder()
    folders.push(dataDir)
    const start = (port: string) =>
      startProcess({
        dataDir,
        env: { DATABASE_URL: url, RATE_LIMITS: 'off', DEMO: '0', LOG_LEVEL: 'warn', PORT: port },
      })
    let running = await start('0')
    const { port } = new URL(running.url)
    /** It has been killed, and not yet started again. */
    let isDown = false

    function watch(process: Running): void {
      void process.exited.then(({ code, signal }) => {
        if (isDown || stopping) return
        tally.fault('A server process ended by itself', `${name}, ${signal ?? code}: ${lastWords(process)}`)
        isDown = true
        void startAgain(0)
      })
    }

    async function startAgain(after: number): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, after))
      while (!stopping && isDown) await tryStart()
    }

    /** The storm may cut the very connection that it starts with: whoever runs it starts it again. */
    async function tryStart(): Promise<void> {
      try {
        running = await start(port)
        isDown = false
        watch(running)
      } catch {
        tally.add('starts failed')
      }
    }

    watch(running)
    const replica: Replica = {
      name,
      url: running.url,
      async kill(after) {
        if (isDown) return
        isDown = true
        await running.kill9()
        tally.add('kills')
        await startAgain(after)
      },
    }
    return { replica, stop: () => running.kill9() }
  }

  const starts = [startOne('A'), startOne('B')] as const
  async function stop(): Promise<void> {
    stopping = true
    for (const one of await Promise.allSettled(starts)) if (one.status === 'fulfilled') await one.value.stop()
    await Promise.all(folders.map(removeFolder))
  }
  try {
    const [first, second] = await Promise.all(starts)
    return { all: [first.replica, second.replica], stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The line that says why it ended, if it has written one. */
function lastWords(process: Running): string {
  const lines = process.output().trim().split('\n')
  return (lines.findLast((line) => line.includes('"level":60')) ?? lines.slice(-5).join('\n')).slice(0, 3000)
}
