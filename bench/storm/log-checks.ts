// The log by itself: no hole, and in step with the tickets, the comments and what the writers were told.

import type { Outside } from './database.ts'
import type { Book, Moved, Sent } from './writers.ts'

/** Each gives no row when all is well. */
const CHECKS: Record<string, string> = {
  'seq has a hole': `
    SELECT c.organisation_id, c.seq, count(e.*), min(e.seq), max(e.seq)
    FROM organisation_counters c LEFT JOIN ticket_events e USING (organisation_id) GROUP BY c.organisation_id
    HAVING count(e.*) <> c.seq OR coalesce(max(e.seq), 0) <> c.seq OR coalesce(min(e.seq), 1) <> 1`,
  'public_seq has a hole': `
    SELECT c.organisation_id, c.public_seq, count(e.public_seq), min(e.public_seq), max(e.public_seq)
    FROM organisation_counters c LEFT JOIN ticket_events e USING (organisation_id) GROUP BY c.organisation_id
    HAVING count(DISTINCT e.public_seq) <> c.public_seq OR count(e.public_seq) <> c.public_seq
      OR coalesce(max(e.public_seq), 0) <> c.public_seq OR coalesce(min(e.public_seq), 1) <> 1`,
  'public_seq or pos is not in the order of seq, or pos is before the id of its transaction': `
    SELECT * FROM (SELECT organisation_id, seq, pos, xid, public_seq,
        max(pos) OVER before AS pos_before, max(public_seq) OVER before AS public_before
      FROM ticket_events WINDOW before AS (PARTITION BY organisation_id ORDER BY seq
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) e
    WHERE pos < pos_before OR public_seq <= public_before OR pos < xid`,
  'the last event of a ticket is not what its row says': `
    SELECT t.id, t.version, t.team_version, t.last_seq, t.last_public_seq, last.*
    FROM tickets t LEFT JOIN LATERAL (
      SELECT max(seq) AS seq, max(public_seq) AS public_seq, max(ticket_version) AS v, max(team_version) AS tv,
        (array_agg(ticket_version ORDER BY seq DESC))[1] AS last_v, (array_agg(team_version ORDER BY seq DESC))[1] AS last_tv
      FROM ticket_events e WHERE e.ticket_id = t.id) last ON true
    WHERE (t.last_seq, t.last_public_seq, t.version, t.team_version, t.version, t.team_version)
      IS DISTINCT FROM (last.seq, last.public_seq, last.v, last.tv, last.last_v, last.last_tv)`,
  'a version of a ticket has no event': `
    SELECT t.id, t.team_version, count(DISTINCT e.team_version) FROM tickets t JOIN ticket_events e ON e.ticket_id = t.id
    GROUP BY t.id HAVING count(DISTINCT e.team_version) <> t.team_version`,
  'a comment is not where its event is': `
    SELECT c.id, c.seq, e.seq FROM comments c
    FULL JOIN (SELECT * FROM ticket_events WHERE type = 'comment_added') e ON e.payload->>'commentId' = c.id::text
    WHERE (c.organisation_id, c.ticket_id, c.seq, c.internal)
      IS DISTINCT FROM (e.organisation_id, e.ticket_id, e.seq, e.public_seq IS NULL)`,
}

/** What is wrong, in sentences; none: nothing. */
export async function checkLog(outside: Outside, book: Book): Promise<string[]> {
  const wrong: string[] = []
  for (const [sentence, statement] of Object.entries(CHECKS)) {
    const rows = await outside.query<object>(statement)
    if (rows.length > 0) wrong.push(`In the log: ${sentence} (${rows.length} times), first ${JSON.stringify(rows[0])}`)
  }
  return [...wrong, ...(await checkSent(outside, book.sent)), ...(await checkMoved(outside, book.moved))]
}

/** What was sent under a key is there once when it was acknowledged, and never more often. */
async function checkSent(outside: Outside, sent: Sent[]): Promise<string[]> {
  const rows = await outside.query<{ kind: string; text: string; count: number }>(`
    SELECT 'ticket' AS kind, subject AS text, count(*)::int AS count FROM tickets GROUP BY subject
    UNION ALL SELECT 'comment', body, count(*)::int FROM comments GROUP BY body`)
  const found = new Map(rows.map(({ kind, text, count }) => [`${kind} ${text}`, count]))
  return sent.flatMap(({ kind, text, acknowledged }) => {
    const count = found.get(`${kind} ${text}`) ?? 0
    if (acknowledged && count === 0) return [`Acknowledged and not there: the ${kind} "${text}"`]
    if (count > 1) return [`There ${count} times: the ${kind} "${text}", sent under one key`]
    return []
  })
}

async function checkMoved(outside: Outside, moved: Moved[]): Promise<string[]> {
  const rows = await outside.query<{ version: string }>(
    `SELECT DISTINCT ticket_id || ' ' || team_version AS version FROM ticket_events`,
  )
  const found = new Set(rows.map(({ version }) => version))
  return moved
    .map(({ ticketId, teamVersion }) => `${ticketId} ${teamVersion}`)
    .filter((version) => !found.has(version))
    .map((version) => `Acknowledged and not in the log: a change of a ticket to its team version (${version})`)
}
