// What a snapshot of PostgreSQL saw (pg_current_snapshot()), judged here as pg_visible_in_snapshot() does there.

export interface Snapshot {
  /** Everything before it had ended. */
  xmin: bigint
  /** Nothing from it on had begun. */
  xmax: bigint
  /** In flight between the two. */
  inFlight: ReadonlySet<bigint>
}

/** From "xmin:xmax:xip,xip"; the text has been checked by the cursor that held it. */
export function parseSnapshot(text: string): Snapshot {
  const [xmin = '0', xmax = '0', xip = ''] = text.split(':')
  return { xmin: BigInt(xmin), xmax: BigInt(xmax), inFlight: new Set(xip.split(',').filter(Boolean).map(BigInt)) }
}

/** Whether the snapshot saw what the transaction `xid` committed. */
export function saw({ xmin, xmax, inFlight }: Snapshot, xid: bigint): boolean {
  return xid < xmin || (xid < xmax && !inFlight.has(xid))
}
