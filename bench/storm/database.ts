// What the storm does to the database from outside: cuts connections, and swallows wake-ups while they are off.

import pg from 'pg'

export interface Outside {
  query<Row>(statement: string, values?: unknown[]): Promise<Row[]>
  /** Ends the backends of the servers' connections: of `all`, of those that `listen`, or a random half of the rest. */
  cut(which: 'all' | 'listen' | 'half'): Promise<number>
  /** While they are off, NOTIFY does nothing: only the polls are left. */
  wakeUps(on: boolean): Promise<void>
  /** How many wake-ups have been swallowed. */
  swallowed(): Promise<number>
  close(): Promise<void>
}

const CHOSEN = {
  all: "application_name LIKE 'deskwire%'",
  listen: "application_name = 'deskwire listen'",
  half: "application_name = 'deskwire' AND random() < 0.5",
}

/**
 * Found before pg_catalog's own by those who connect afterwards. Nothing of the service is changed, and it cannot tell:
 * a notification may get lost in just this way.
 */
const SWITCH = `
  CREATE SCHEMA storm;
  CREATE TABLE storm.switch (is_on boolean NOT NULL, swallowed bigint NOT NULL);
  INSERT INTO storm.switch VALUES (true, 0);
  CREATE FUNCTION storm.pg_notify(channel text, message text) RETURNS void LANGUAGE plpgsql AS $$
  BEGIN
    IF (SELECT is_on FROM storm.switch) THEN
      PERFORM pg_catalog.pg_notify(channel, message);
    ELSE
      UPDATE storm.switch SET swallowed = swallowed + 1;
    END IF;
  END $$;`

/** `url`: a migrated database that nobody else uses, and whose servers have not been started yet. */
export async function openOutside(url: string): Promise<Outside> {
  const pool = new pg.Pool({ connectionString: url, application_name: 'storm', max: 3 })
  // The database is dropped by force while connections are still closing.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  const query = async <Row>(statement: string, values: unknown[] = []) =>
    (await pool.query(statement, values)).rows as Row[]
  await query(SWITCH)
  const name = pg.escapeIdentifier(new URL(url).pathname.slice(1))
  await query(`ALTER DATABASE ${name} SET search_path = public, storm, pg_catalog`)
  return {
    query,
    async cut(which) {
      const rows = await query(`
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND ${CHOSEN[which]}`)
      return rows.length
    },
    wakeUps: async (on) => void (await query('UPDATE storm.switch SET is_on = $1', [on])),
    swallowed: async () =>
      Number((await query<{ swallowed: string }>('SELECT swallowed FROM storm.switch'))[0]?.swallowed),
    close: () => pool.end(),
  }
}
