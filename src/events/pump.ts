// Hands the event loop back between slices of work, so that one event to thousands of subscribers holds up nothing else.

/** How many turns one pass of the event loop takes: about 3 ms of sending. */
const SLICE = 100

const waiting: (() => void)[] = []
let scheduled = false

/** Resolves when it is the caller's turn, in the order of asking. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    schedule()
  })
}

function schedule(): void {
  if (scheduled) return
  scheduled = true
  setImmediate(() => {
    scheduled = false
    for (const resolve of waiting.splice(0, SLICE)) resolve()
    if (waiting.length > 0) schedule()
  })
}
