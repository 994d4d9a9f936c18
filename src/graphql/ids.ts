// The ids of one socket's operations. graphql-ws lets an id be used again while its first use, completed before it had
// begun, is still starting: both would then run under one id. Here the second waits until the first is over.

type Receive = (text: string) => Promise<void>

interface Use {
  completed: boolean
  /** The message has been passed on. */
  passed: Promise<void>
  /** The operation has ended. */
  over: Promise<void>
}

/** Wraps what receives a socket's messages. */
export function oneUseAtATime(receive: Receive): Receive {
  const uses = new Map<string, Use>()

  async function subscribe(id: string, text: string): Promise<void> {
    const before = uses.get(id)
    // Used again without `complete` is an error of the client's, which graphql-ws answers.
    if (before && !before.completed) return receive(text)
    const passed = Promise.withResolvers<void>()
    const over = Promise.withResolvers<void>()
    const use = { completed: false, passed: passed.promise, over: over.promise }
    uses.set(id, use)
    await before?.over
    const running = receive(text)
    passed.resolve()
    await running.finally(() => {
      over.resolve()
      if (uses.get(id) === use) uses.delete(id)
    })
  }

  return async (text) => {
    const { id, type } = headOf(text)
    if (type === 'subscribe' && typeof id === 'string') return subscribe(id, text)
    const use = type === 'complete' && typeof id === 'string' ? uses.get(id) : undefined
    if (!use) return receive(text)
    use.completed = true
    await use.passed
    return receive(text)
  }
}

function headOf(text: string): { id?: unknown; type?: unknown } {
  try {
    const message: unknown = JSON.parse(text)
    return typeof message === 'object' && message !== null ? message : {}
  } catch {
    // graphql-ws says what is wrong with it.
    return {}
  }
}
