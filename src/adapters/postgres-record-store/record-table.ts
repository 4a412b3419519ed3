import type { ClientBase } from 'pg';
import { type RecordChange, RecordConflict } from '../../kernel/record-store.ts';
import { CHANNEL } from './layout.ts';

/** A row of `record`; a bigint is text in the driver. */
export interface RecordRow {
  readonly kind: string;
  readonly key: string;
  readonly version: string;
  /** Null: the record is deleted. */
  readonly body: string | null;
}

/** One row that a write puts in place. */
export interface WrittenRecord {
  readonly kind: string;
  readonly key: string;
  /** Null: deleted. */
  readonly text: string | null;
}

/**
 * Writes in one transaction, alone among all nodes. Returns the version before; the records have the ones that follow, in
 * order. Throws RecordConflict, with nothing changed, when an expected version does not hold.
 */
export async function writeRecords(
  client: ClientBase,
  changes: readonly RecordChange[],
  written: readonly WrittenRecord[],
  updatedAtMs: number,
): Promise<number> {
  await client.query('BEGIN');
  const head = await client.query<{ version: string }>('SELECT version FROM head FOR UPDATE');
  const before = Number(head.rows[0]!.version);
  await requireExpected(client, changes);
  await client.query(
    `INSERT INTO record (kind, key, version, body, updated_at)
     SELECT kind, key, $4::bigint + place, body, $5
     FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS change (kind, key, body, place)
     ON CONFLICT (kind, key) DO UPDATE
     SET version = excluded.version, body = excluded.body, updated_at = excluded.updated_at`,
    [
      written.map(({ kind }) => kind),
      written.map(({ key }) => key),
      written.map(({ text }) => text),
      before,
      updatedAtMs,
    ],
  );
  await client.query('UPDATE head SET version = $1', [before + written.length]);
  await client.query(`NOTIFY ${CHANNEL}`);
  await client.query('COMMIT');
  return before;
}

async function requireExpected(client: ClientBase, changes: readonly RecordChange[]): Promise<void> {
  const expecting = changes.filter(({ expectedVersion }) => expectedVersion !== undefined);
  if (expecting.length === 0) return;
  const { rows } = await client.query<RecordRow>(
    `SELECT kind, key, version, NULL AS body FROM record
     WHERE body IS NOT NULL AND (kind, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
    [expecting.map(({ kind }) => kind), expecting.map(({ key }) => key)],
  );
  for (const { kind, key, expectedVersion } of expecting) {
    const version = Number(rows.find((row) => row.kind === kind && row.key === key)?.version ?? 0);
    if (version !== expectedVersion) {
      throw new RecordConflict(`${kind} \`${key}\` has version ${version}, expected ${expectedVersion}`);
    }
  }
}

/** What changed after a version, in the order in which it became visible. */
export async function recordsAfter(client: Pick<ClientBase, 'query'>, version: number): Promise<RecordRow[]> {
  const { rows } = await client.query<RecordRow>(
    'SELECT kind, key, version, body FROM record WHERE version > $1 ORDER BY version',
    [version],
  );
  return rows;
}

/** Forgets records that were deleted before an instant; who has not seen them by then reads everything anew. */
export async function purgeDeleted(client: ClientBase, beforeMs: number): Promise<void> {
  await client.query(
    `WITH purged AS (DELETE FROM record WHERE body IS NULL AND updated_at < $1 RETURNING version)
     UPDATE head SET purged_version = greatest(purged_version, coalesce((SELECT max(version) FROM purged), 0))`,
    [beforeMs],
  );
}
