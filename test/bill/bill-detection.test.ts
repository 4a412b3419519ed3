import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { BEDROCK_KINDS } from './bill-kinds.ts';
import { type DeliveryOptions, writeDelivery } from './delivery.ts';
import { ImportClient } from './import-client.ts';

interface Finding {
  readonly FindingId: string;
  readonly Book: string;
  readonly Kind: string;
  readonly Grain: string;
  readonly Severity: string;
  readonly Subject: { readonly Key: string; readonly Value: string };
  readonly Since: string;
  readonly DetectedAt: string;
  readonly ActualUsd: string;
  readonly ExpectedUsd: string;
}

/** An import and a look at all hours of two months, on a machine that does much else. */
const TIMEOUT_MS = 120_000;
const JUDGED = { timeout: TIMEOUT_MS / 2, interval: 100 } as const;
const NAME = 'watched';
const PERSON = 0;
const PRINCIPAL = 'arn:aws:iam::444400000000:user/person-0';

function monthsAgo(count: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - count, 1)).toISOString().slice(0, 7);
}

const [OLD, LATEST] = [monthsAgo(2), monthsAgo(1)];
/** The first is at least 45 days old, the second at most 34: notices are of the last 40. */
const OLD_SPIKE = { person: PERSON, from: `${OLD}-15T10:00:00`, to: `${OLD}-15T13:00:00`, times: 6 };
const SPIKE = { person: PERSON, from: `${LATEST}-28T02:00:00`, to: `${LATEST}-28T05:00:00`, times: 6 };

let duck: DuckDb;
let server: TestServer;
let imports: ImportClient;
let bills: string;

beforeAll(async () => {
  duck = await openDuckDb();
  bills = temporaryFolder('watched-bills');
  server = await startServer({
    config: {
      import: { folders: [bills] },
      detection: { billNoticeDays: 40, subscribers: [{ type: 'EMAIL', address: 'finops@example.com' }] },
      notices: { smtp: { host: '127.0.0.1', port: 9, security: 'none', from: 'tallyline@example.com' } },
    },
  });
  imports = new ImportClient(server.data);
});
afterAll(async () => {
  await server?.stop();
  duck?.close();
  removeFolders();
});

/** A month in which one principal uses as much of one kind of tokens in every hour. */
function deliver(period: string, options: Partial<DeliveryOptions>) {
  const input = BEDROCK_KINDS.filter(({ usageType }) => usageType.endsWith('input-tokens')).slice(0, 1);
  return writeDelivery(duck, {
    ...{ folder: join(bills, 'export'), name: NAME, period, rows: 1_500, principals: 1, kinds: input, isSteady: true },
    ...options,
  });
}

async function findings(): Promise<readonly Finding[]> {
  const answer = await imports.call<{ Findings: Finding[] }>('ListFindings', { MinSeverity: 'medium' });
  return answer.Findings;
}

async function subjects(): Promise<string[]> {
  const { Notices } = await imports.call<{ Notices: { Subject: string }[] }>('ListNotices', {});
  return Notices.map(({ Subject }) => Subject).sort();
}

const TITLE = `${PRINCIPAL} spends far more than usual`;

describe('what is out of the ordinary in an imported bill', { timeout: TIMEOUT_MS }, () => {
  let path: string;

  it('is found by the hours of the bill, and told of where it is not long ago', async () => {
    await deliver(OLD, { spike: OLD_SPIKE, seed: 1 });
    ({ path } = await deliver(LATEST, { spike: SPIKE, seed: 2 }));
    await imports.import(path);
    await vi.waitFor(async () => expect(await findings()).toHaveLength(2), JUDGED);
    const [later, earlier] = await findings();
    const same = { Book: 'bill', Kind: 'spend_spike', Subject: { Key: 'principal', Value: PRINCIPAL } };
    expect(later).toMatchObject({ ...same, Since: `${SPIKE.from}Z` });
    expect(earlier).toMatchObject({ ...same, Since: `${OLD_SPIKE.from}Z` });
    expect(Number(later!.ActualUsd)).toBeGreaterThan(4 * Number(later!.ExpectedUsd));
    expect(await subjects()).toEqual([`Billed: ${TITLE}`]);
  });

  it('is shown beside what the bill says of the hours around it', async () => {
    const [finding] = await findings();
    const shown = await imports.call<{
      Series: { Start: string; CostUsd: string; ExpectedUsd?: string }[];
      Change: { ChangeUsd: string };
    }>('GetFinding', { FindingId: finding!.FindingId });
    const first = shown.Series.find(({ Start }) => Date.parse(Start) === Date.parse(finding!.Since));
    expect(Number(first!.CostUsd)).toBeGreaterThan(2 * Number(first!.ExpectedUsd));
    expect(Number(shown.Change.ChangeUsd)).toBeGreaterThan(1);
  });

  it('is the same finding after the bill was delivered again', async () => {
    const before = await findings();
    const executionId = '00000000-0000-4000-8000-00000000000a';
    await deliver(LATEST, { spike: { ...SPIKE, times: 9 }, seed: 2, executionId });
    await imports.import(path);
    const grown = async () => {
      const now = await findings();
      expect(now.map(({ FindingId }) => FindingId)).toEqual(before.map(({ FindingId }) => FindingId));
      expect(Number(now[0]!.ActualUsd)).toBeGreaterThan(1.2 * Number(before[0]!.ActualUsd));
      expect(now[0]!.DetectedAt).toBe(before[0]!.DetectedAt);
    };
    await vi.waitFor(grown, JUDGED);
    expect(await subjects()).toEqual([`Billed: ${TITLE}`]);
  });

  it('is withdrawn where the bill does not show it any more', async () => {
    await deliver(LATEST, { seed: 2, executionId: '00000000-0000-4000-8000-00000000000b' });
    await imports.import(path);
    await vi.waitFor(async () => expect(await findings()).toMatchObject([{ Since: `${OLD_SPIKE.from}Z` }]), JUDGED);
    expect(await subjects()).toEqual([`Billed: ${TITLE}`, `Withdrawn: ${TITLE}`]);
  });
});
