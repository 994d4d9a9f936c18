// Calls from one process of the benchmark to another, over the channel that Node gives a forked child.

import { type ChildProcess, fork } from 'node:child_process'

/** What a child offers: functions whose arguments and results survive structured cloning. */
// biome-ignore lint/suspicious/noExplicitAny: any function at all; the callers' types are exact
export type Api = Record<string, (...args: any[]) => unknown>

export interface Remote<Offered extends Api> {
  call<Name extends keyof Offered & string>(
    name: Name,
    ...args: Parameters<Offered[Name]>
  ): Promise<Awaited<ReturnType<Offered[Name]>>>
  stop(): Promise<void>
}

interface Question {
  id: number
  name: string
  args: unknown[]
}

interface Answer {
  id: number
  result?: unknown
  error?: string
}

/** Starts a file of this folder as a process of its own; `execArgv` are options of Node. */
export function start<Offered extends Api>(file: string, execArgv: string[] = []): Remote<Offered> {
  const child = fork(new URL(file, import.meta.url), { execArgv, serialization: 'advanced' })
  const waiting = new Map<number, (answer: Answer) => void>()
  let last = 0
  child.on('message', (answer: Answer) => {
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  child.once('exit', (code) => {
    for (const [id, settle] of waiting) settle({ id, error: `${file} ended with ${code}` })
  })
  return {
    async call(name, ...args) {
      const id = ++last
      const answer = await new Promise<Answer>((resolve) => {
        waiting.set(id, resolve)
        child.send({ id, name, args } satisfies Question)
      })
      if (answer.error !== undefined) throw new Error(answer.error)
      return answer.result as never
    },
    stop: () => stopped(child),
  }
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = new Promise((resolve) => child.once('exit', resolve))
  if (child.connected) child.disconnect()
  await exit
}

/** Answers the parent's calls; when the parent lets go, `close` runs and the process ends. */
export function serve(api: Api, close: () => Promise<void>): void {
  process.on('message', async ({ id, name, args }: Question) => {
    try {
      const result = await api[name]?.(...args)
      process.send?.({ id, result } satisfies Answer)
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
    }
  })
  process.once('disconnect', () => {
    void close().finally(() => process.exit())
  })
}

/** Milliseconds by the clock that all processes of one machine share, finer than Date.now(). */
export const now = (): number => performance.timeOrigin + performance.now()
