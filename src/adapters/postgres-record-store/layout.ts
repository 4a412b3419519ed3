import type { ClientBase } from 'pg';
import { Fault } from '../../kernel/fault.ts';

/** Layout of the tables, kept in `head`. A database of another layout is refused, never guessed at. */
const LAYOUT_VERSION = 1;

/** Held while the tables are made, so that two nodes that start at once make them once. Any constant number. */
const LAYOUT_LOCK = 7_240_511;

/** Told on this channel after every write. */
export const CHANNEL = 'tallyline_record';

/**
 * `head` has one row: every write locks it, so that versions become visible in their order and "after the last version I
 * have seen" misses nothing. A deleted record stays as a row without a body until every node has had time to see it.
 */
const LAYOUT = `
  CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    layout integer NOT NULL,
    version bigint NOT NULL,
    purged_version bigint NOT NULL
  );
  CREATE TABLE record (
    kind text NOT NULL,
    key text NOT NULL,
    version bigint NOT NULL,
    body text,
    updated_at bigint NOT NULL,
    PRIMARY KEY (kind, key)
  );
  CREATE INDEX record_version ON record (version);
  CREATE TABLE node (
    id text PRIMARY KEY,
    seen_at timestamptz NOT NULL
  );
  CREATE TABLE leader (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    node_id text NOT NULL,
    until timestamptz NOT NULL
  )`;

/** Makes the tables where there are none. Throws DataFolderUnusable for tables of another layout. */
export async function prepareLayout(client: ClientBase, schema: string): Promise<void> {
  await client.query('BEGIN');
  await client.query('SELECT pg_advisory_xact_lock($1)', [LAYOUT_LOCK]);
  await client.query(`CREATE SCHEMA IF NOT EXISTS ${client.escapeIdentifier(schema)}`);
  const { rows } = await client.query<{ found: string | null }>("SELECT to_regclass('head') AS found");
  if (rows[0]!.found === null) {
    await client.query(LAYOUT);
    await client.query('INSERT INTO head (layout, version, purged_version) VALUES ($1, 0, 0)', [LAYOUT_VERSION]);
  }
  const { layout } = (await client.query<{ layout: number }>('SELECT layout FROM head')).rows[0]!;
  await client.query('COMMIT');
  if (layout === LAYOUT_VERSION) return;
  throw new Fault(
    'DataFolderUnusable',
    `the directory database has layout ${layout} and this version of tallyline reads layout ${LAYOUT_VERSION}; run the version that wrote it`,
  );
}
