import { request } from 'node:http';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { BUCKET_MS } from '../../src/kernel/time.ts';
import { STORE_TURNS } from '../../src/paths/caller-turns.ts';
import { jsonCall, type Keys, signed } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { type EmbeddedEngine, embeddedEngine, eventually } from '../store/embedded-engine.ts';
import { allow, newUser } from '../wire/principals.ts';

const START_MS = Date.UTC(2027, 0, 1);
const LINES = 40_000;
const NAME_CHARACTERS = 2_000;
/** So many searches through every long name take the engine a good while. */
const SEARCHES = Array.from({ length: 900 }, (_, index) => ({
  ...{ key: { dimension: 'resource' }, containsAny: [`nobody-${index}`] },
}));

let embedded: EmbeddedEngine;
let server: TestServer;

beforeAll(async () => {
  embedded = await embeddedEngine();
  const { url, username, password } = await embedded.engine.connection();
  server = await startServer({
    config: { costStore: { url, database: 'tallyline', username, passwordEnv: 'STORE_PASSWORD' } },
    environment: { STORE_PASSWORD: password },
  });
  const client = createClient({ url, username, password, database: 'tallyline' });
  await client.command({
    query: `INSERT INTO line_item (bucket_start, principal_arn, resource_arn, quantity)
      SELECT toDateTime(${START_MS / 1_000}, 'UTC'), 'arn:aws:iam::123456789012:user/alice', rightPad(toString(number), ${NAME_CHARACTERS}, 'nobody'), 1
      FROM numbers(${LINES})`,
  });
  await client.close();
});
afterAll(async () => {
  await server?.stop();
  await embedded?.[Symbol.asyncDispose]();
  removeFolders();
});

async function isRunning(): Promise<boolean> {
  const store = embedded.store();
  const sql = 'SELECT count() AS n FROM system.processes WHERE position(query, {mark:String}) > 0 AND elapsed > 0.05';
  // The statement that counts has its mark as a parameter.
  const [row] = await store.query<{ n: string }>({ sql, params: { mark: 'GROUP BY key0' } });
  await store.close();
  return row!.n !== '0';
}

const QUARTER = {
  Start: new Date(START_MS).toISOString(),
  End: new Date(START_MS + BUCKET_MS).toISOString(),
  Granularity: 'TOTAL',
};

/** Asks for a report that takes a good while. `ended`: the status of the answer, or what went wrong. */
function askMuch() {
  const call = jsonCall('Tallyline.GetReport', {
    ...{ ...QUARTER, GroupBy: [{ Type: 'DIMENSION', Key: 'resource' }], Filter: { or: SEARCHES } },
  });
  const { method, headers, body, path } = signed(server.url, call, {
    ...{ service: 'tallyline', keys: server.admin.credentials as Keys },
  });
  const outgoing = request(server.url, { method, path, headers: { ...headers, 'content-length': body.length } });
  const ended = new Promise<unknown>((resolve) => {
    outgoing.once('response', (answer) => resolve(answer.resume().statusCode));
    outgoing.once('error', resolve);
  });
  outgoing.end(body);
  return { outgoing, ended };
}

it('is refused to whoever asks for very many, and no other waits for theirs', async () => {
  const other = await newUser(server.admin, 'other', { statements: [allow('tallyline:GetReport')] });
  const { runningMax, waitingMax } = STORE_TURNS;
  const asked = Array.from({ length: runningMax + waitingMax + 5 }, askMuch);
  const answers: unknown[] = [];
  for (const { ended } of asked) void ended.then((answer) => answers.push(answer));
  await eventually('five are refused', async () => answers.length === 5);
  const profile = { endpoint: server.url, region: 'us-east-1', ...(other.credentials as Keys) };
  const { Rows } = await new TallylineClient(profile, () => Date.now()).call<{ Rows: object[] }>('GetReport', QUARTER);
  expect(Rows).toHaveLength(1);
  // None of the slow ones has its answer yet: they were in nobody's way.
  // As AWS's JSON services answer every error of clients that they do not model.
  expect(answers).toEqual([400, 400, 400, 400, 400]);
  for (const { outgoing } of asked) outgoing.destroy();
  await Promise.all(asked.map(({ ended }) => ended));
  await eventually('the engine has stopped', async () => !(await isRunning()));
}, 60_000);

it('stops in the store when whoever asked for it has gone', async () => {
  const { outgoing, ended } = askMuch();
  await eventually('the report is worked on', isRunning);
  outgoing.destroy();
  expect(await ended).toBeInstanceOf(Error);
  await eventually('the engine has stopped', async () => !(await isRunning()));
}, 60_000);
