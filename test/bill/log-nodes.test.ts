import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { ImportLedger } from '../../src/imports/import-ledger.ts';
import type { BillImport } from '../../src/imports/import-records.ts';
import { removeFolders, temporaryFolder } from '../server.ts';
import { type EmbeddedEngine, embeddedEngine } from '../store/embedded-engine.ts';
import { logFile, logPath, logRecord, writeLogFile } from './invocation-log.ts';
import { LogNode } from './log-node.ts';

const CALLER = { createdBy: 'arn:aws:iam::123456789012:user/alice' };
/** So many calls are handed over together, and a few more. */
const MANY = 4_010;
const PER_FILE = 4_000;

let own: EmbeddedEngine;
let store: ClickHouseCostStore;
let records: SqliteRecordStore;
let ledger: ImportLedger;
let places: string;
let nodes: LogNode[];
/** Hour of a test's calls: of its own in a store that all share. */
let hour = 0;

beforeAll(async () => {
  own = await embeddedEngine();
  store = own.store();
  await store.prepare();
}, 60_000);

afterAll(async () => {
  await store?.close();
  await own?.[Symbol.asyncDispose]();
  removeFolders();
});

beforeEach(() => {
  hour += 1;
  places = temporaryFolder('node-logs');
  records = new SqliteRecordStore(':memory:', Date.now);
  ledger = new ImportLedger(records);
  nodes = [];
});

afterEach(async () => {
  for (const node of nodes) await node.close();
  await records.close();
});

const day = () => `2026-11-${String(hour).padStart(2, '0')}`;

async function started(nodeId: string): Promise<LogNode> {
  const options = { nodeId, dataFolder: temporaryFolder(`node-${nodeId}`), places, records, store };
  return kept(await LogNode.start(options));
}

function kept(node: LogNode): LogNode {
  nodes.push(node);
  return node;
}

/** A log with calls of the test's own; a copy has the same calls. */
function logOf(calls: number, name = 'log'): string {
  const root = join(places, name);
  const all = Array.from({ length: calls }, (_, index) => {
    const requestId = `00000000-0000-4000-8${String(hour).padStart(3, '0')}-${String(index).padStart(12, '0')}`;
    return logRecord({ requestId, timestamp: `${day()}T09:05:00Z` });
  });
  for (let from = 0; from < calls; from += PER_FILE) {
    writeLogFile(root, logPath(`${day()}T09`, `f${from}`), logFile(all.slice(from, from + PER_FILE)));
  }
  return root;
}

/** Resolves when the records say so. */
function until<Value>(look: () => Value | undefined): Promise<Value> {
  return new Promise((resolve) => {
    const check = () => {
      const found = look();
      if (found !== undefined) resolve(found);
    };
    records.watch(check);
    check();
  });
}

function ended(importId: string): Promise<BillImport> {
  return until(() => {
    const one = ledger.import(importId);
    return one?.endedAtMs === undefined ? undefined : one;
  });
}

/** No journal has calls of any log any more. */
const settled = () => until(() => ledger.logs().every(({ handingOverAt }) => handingOverAt === undefined) || undefined);

/** The first import of a node, held once its journal has calls, and before any of them is in the store. */
async function heldUpImport(node: LogNode, place: string): Promise<BillImport> {
  const halt = node.haltAtShip(2);
  node.imports.start();
  const one = await node.imports.begin(place, CALLER);
  await halt.reached;
  return one;
}

async function imported(node: LogNode, place: string): Promise<BillImport> {
  return ended((await node.imports.begin(place, CALLER)).id);
}

/** What the ledger has of the test's day: events, different ids among them, and the requests of line items. */
async function counted(): Promise<readonly [events: number, ids: number, requests: number]> {
  const params = { day: day() };
  const [events] = await store.query<{ events: string; ids: string }>({
    sql: `SELECT toString(count()) AS events, toString(uniqExact(request_id)) AS ids FROM usage_event
      WHERE toDate(admitted_at) = toDate({day:String})`,
    params,
  });
  const [items] = await store.query<{ requests: string }>({
    sql: 'SELECT toString(sum(requests)) AS requests FROM line_item WHERE toDate(bucket_start) = toDate({day:String})',
    params,
  });
  return [Number(events!.events), Number(events!.ids), Number(items!.requests)];
}

const once = (calls: number) => [calls, calls, calls];

describe('two nodes and one log', { timeout: 60_000 }, () => {
  it('count each call once where one dies with calls in its journal: the other does not take the log before those are in the ledger', async () => {
    const [a, b] = [await started('a'), await started('b')];
    const place = logOf(MANY);
    const one = await heldUpImport(a, place);
    expect(await counted()).toEqual(once(0));

    b.imports.start();
    const problems = [{ text: expect.stringContaining('journal of node `a`') }];
    expect(await ended(one.id)).toMatchObject({ state: 'failed', problems });
    expect(await imported(b, place)).toMatchObject({ state: 'failed', problems });
    expect(await counted()).toEqual(once(0));

    kept(await a.restarted());
    await settled();
    expect(await counted()).toEqual(once(PER_FILE));
    expect(await imported(b, place)).toMatchObject({ state: 'done', log: { records: MANY, calls: MANY - PER_FILE } });
    expect(await counted()).toEqual(once(MANY));
    await settled();
  });

  it('count each call once where the other has a copy of the log at another place', async () => {
    const [a, b] = [await started('a'), await started('b')];
    const [place, copy] = [logOf(10), logOf(10, 'copy')];
    const one = await heldUpImport(a, place);
    b.imports.start();
    await ended(one.id);
    const problems = [{ text: expect.stringMatching(/journal of node `a`/) }];
    expect(await imported(b, copy)).toMatchObject({ state: 'failed', problems });
    kept(await a.restarted());
    await settled();
    expect(await imported(b, copy)).toMatchObject({ state: 'done', log: { records: 10, calls: 0 } });
    expect(await counted()).toEqual(once(10));
  });

  it('hand it over where one stops: the other goes on at once', async () => {
    const [a, b] = [await started('a'), await started('b')];
    const place = logOf(MANY);
    const one = await heldUpImport(a, place);
    await a.close();
    expect(ledger.import(one.id)).toMatchObject({ state: 'running' });
    expect(await counted()).toEqual(once(PER_FILE));
    b.imports.start();
    expect(await ended(one.id)).toMatchObject({ state: 'done', problems: [], log: { calls: MANY } });
    expect(await counted()).toEqual(once(MANY));
  });

  it('do not both take it where one that was held up goes on after the other began', async () => {
    const [a, b] = [await started('a'), await started('b')];
    const place = logOf(10);
    const late = a.haltAtShip(1);
    a.imports.start();
    const one = await a.imports.begin(place, CALLER);
    await late.reached;
    const middle = b.haltAtShip(2);
    b.imports.start();
    await middle.reached;
    late.goOn();
    const problems = [{ text: expect.stringContaining('journal of node `b`') }];
    expect(await ended(one.id)).toMatchObject({ state: 'failed', problems });
    // It ends as a process when it finds that the other leads.
    await a.close();
    middle.goOn();
    await settled();
    expect(await imported(b, place)).toMatchObject({ state: 'done', log: { calls: 0 } });
    expect(await counted()).toEqual(once(10));
  });

  it('keep nothing of a source that was removed while a node was dead with calls of it', async () => {
    const [a, b] = [await started('a'), await started('b')];
    const place = logOf(10);
    const one = await heldUpImport(a, place);
    b.imports.start();
    await ended(one.id);
    await b.imports.removeSource(one.sourceId);
    // Nobody else can know whether the node comes back.
    expect(await imported(b, place)).toMatchObject({ state: 'done', log: { calls: 10 } });
    const back = kept(await a.restarted());
    await back.begun;
    await until(() => ledger.handingOver('a').length === 0 || undefined);
    expect(await counted()).toEqual(once(10));
  });
});
