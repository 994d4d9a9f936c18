// What an error of the database says: that the service cannot be had just now, that the transaction may be tried again,
// or neither, which is a fault of ours. Every layer words it in its own way.

const DEPTH = 5

/** Of the socket. */
const LOST = /^(ECONN\w+|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOENT)$/
/**
 * SQLSTATEs (PostgreSQL, appendix A): connections (08), transactions that got in each other's way (40001, 40P01), the
 * disk, memory or connections used up (53), a lock or a statement that took too long (55P03, 57014), shutting down
 * (57P0x), failing disks (58), and a replica that became no primary (25006).
 */
const STATES = /^(08\w{3}|25006|40001|40P01|53\w{3}|55P03|57014|57P0\d|58\w{3})$/
const CONFLICTS = /^(40001|40P01)$/
/** Prisma's own: no server, no connection, a transaction that took too long, a conflict. */
const PRISMA = /^P(10(01|02|08|17)|2024|2028|2034|2037)$/
const PRISMA_CONFLICT = 'P2034'
const WORDS = new RegExp(
  'timeout exceeded when trying to connect|connection terminated|unable to start a transaction|' +
    'is not queryable|not currently accepting connections',
  'i',
)

/** Whether it says that the database cannot do this just now, and may be asked again. */
export function isUnavailable(error: unknown): boolean {
  for (const cause of causesOf(error)) {
    // Node's word for a client that went away in the middle of its request, with the code of a lost connection.
    if (cause.message === 'aborted') return false
    const codes = codesOf(cause)
    if (codes.some((code) => LOST.test(code) || STATES.test(code) || PRISMA.test(code))) return true
    if (WORDS.test(cause.message)) return true
  }
  return false
}

/** Whether the transaction was rolled back because of another one: made again, it may well succeed. */
export function isConflict(error: unknown): boolean {
  return causesOf(error).some((cause) =>
    codesOf(cause).some((code) => CONFLICTS.test(code) || code === PRISMA_CONFLICT),
  )
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = []
  for (let cause = error; cause instanceof Error && causes.length < DEPTH; cause = cause.cause) causes.push(cause)
  return causes
}

/** Of node-postgres, of Prisma, and of its driver, whose code is beneath Prisma's or stands alone. */
function codesOf(error: Error): string[] {
  const { code, meta, cause } = error as { code?: unknown; cause?: unknown; meta?: { driverAdapterError?: Driver } }
  const driver = [meta?.driverAdapterError?.cause, cause].find((told) => told && !(told instanceof Error))
  return [code, (driver as Driver['cause'])?.originalCode].filter((code) => typeof code === 'string')
}

/** Prisma's DriverAdapterError. */
interface Driver {
  cause?: { originalCode?: unknown }
}
