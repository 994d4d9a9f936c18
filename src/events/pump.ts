// Hands the event loop back between slices of work, so that one event to thousands of subscribers holds up nothing else.

/** Longest time for which nothing else runs, but for the task that ends it. */
const SLICE_MS = 4
/** Asking the clock after each would cost as much as the task. */
const AT_ONCE = 8

let tasks: (() => void)[] = []
let running = false

/** Runs `task`, which must not throw, when it is its turn: in the order of asking. */
export function soon(task: () => void): void {
  tasks.push(task)
  if (!running) void run()
}

/** Resolves when it is the caller's turn: whatever was asked for before has run. */
export const turn = (): Promise<void> => new Promise(soon)

async function run(): Promise<void> {
  running = true
  while (tasks.length > 0) {
    await new Promise(setImmediate)
    await slice()
  }
  running = false
}

async function slice(): Promise<void> {
  const end = performance.now() + SLICE_MS
  let done = 0
  while (done < tasks.length && performance.now() < end) {
    const few = tasks.slice(done, done + AT_ONCE)
    for (const task of few) task()
    done += few.length
    // Who has got their turn goes on before the clock is asked again.
    await null
  }
  tasks = tasks.slice(done)
}
