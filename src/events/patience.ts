// Trying again: what could not be read or rendered because the database is away is not lost for that.

const RETRY_MS = 200
const LONGEST_RETRY_MS = 2000

export interface Patience {
  /** Asked before each try: whether anybody still waits for the result. */
  isWanted(): boolean
  /** Told of each failure. */
  onError(error: unknown): void
  /** Whether an error may pass by itself; absent: each of them. */
  passes?(error: unknown): boolean
}

/** Null when nobody wants the result any more. Rejects with what does not pass by itself. */
export async function persistently<Result>(make: () => Promise<Result>, patience: Patience): Promise<Result | null> {
  const { isWanted, onError, passes = () => true } = patience
  for (let wait = RETRY_MS; isWanted(); wait = Math.min(wait * 2, LONGEST_RETRY_MS)) {
    try {
      return await make()
    } catch (error) {
      if (!passes(error)) throw error
      onError(error)
      await new Promise((resolve) => setTimeout(resolve, wait).unref())
    }
  }
  return null
}
