// What a process does beside requests: one pass after the other, and never two at once.

/** Makes a pass every `intervalMs`, the first one at once where `now` says so. Returns what ends it. */
export function keepDoing(
  pass: () => Promise<void>,
  { intervalMs, now = false }: { intervalMs: number; now?: boolean },
  onError: (error: unknown) => void,
): () => void {
  let running = false
  async function go(): Promise<void> {
    if (running) return
    running = true
    await pass()
      .catch(onError)
      .finally(() => {
        running = false
      })
  }
  const timer = setInterval(go, intervalMs).unref()
  if (now) void go()
  return () => clearInterval(timer)
}
