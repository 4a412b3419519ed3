import { describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { TagLedger, type TagLedgerDeps } from '../../src/allocation/tag-ledger.ts';
import { RecordConflict, type RecordStore } from '../../src/kernel/record-store.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { ADMIN } from './line-items.ts';

const START_MS = Date.UTC(2026, 4, 10, 9, 30);
const TEAM = 'iamPrincipal/team';

/** A ledger over usage that tests write down, with a clock that they turn. */
function setUp(options: Partial<TagLedgerDeps> = {}) {
  const time = { nowMs: START_MS };
  const usage = new Map<string, { firstUsedAtMs: number; lastUsedAtMs: number }>();
  const clock = () => time.nowMs;
  const usedKeys = async () => [...usage].map(([key, used]) => ({ key, ...used }));
  const deps: TagLedgerDeps = { records: new SqliteRecordStore(':memory:', clock), clock, usedKeys, ...options };
  const use = (...keys: string[]) => {
    for (const key of keys) {
      usage.set(key, { firstUsedAtMs: usage.get(key)?.firstUsedAtMs ?? time.nowMs, lastUsedAtMs: time.nowMs });
    }
  };
  return { time, use, deps, ledger: new TagLedger(deps) };
}

async function withTeam(options: Partial<TagLedgerDeps> = {}) {
  const bench = setUp(options);
  bench.use(TEAM);
  await bench.ledger.discover();
  return bench;
}

const activate = (key: string) => ({ key, status: 'Active' as const });
const deactivate = (key: string) => ({ key, status: 'Inactive' as const });
const intervalsOf = (ledger: TagLedger) => ledger.all().get(TEAM)?.activeIntervals;

describe('discovery', () => {
  it('lists a key inactive once usage carries it, and notes its latest use', async () => {
    const { time, use, ledger } = await withTeam();
    expect(ledger.listed()).toEqual([
      { key: TEAM, status: 'Inactive', lastUsedAtMs: START_MS, discoveredAtMs: START_MS, activeIntervals: [] },
    ]);
    time.nowMs += DAY_MS;
    use(TEAM, 'iamPrincipal/app');
    await ledger.discover();
    expect(ledger.listed().map(({ key, lastUsedAtMs }) => [key, lastUsedAtMs])).toEqual([
      ['iamPrincipal/app', START_MS + DAY_MS],
      [TEAM, START_MS + DAY_MS],
    ]);
  });

  it('waits for the configured delay before a key can be seen or switched', async () => {
    const { time, ledger } = await withTeam({ discoveryDelayMs: DAY_MS });
    expect(ledger.listed()).toEqual([]);
    expect(await ledger.setStatuses([activate(TEAM)], ADMIN)).toEqual([
      { key: TEAM, code: 'TagKeysNotFoundException' },
    ]);
    time.nowMs += DAY_MS;
    expect(ledger.listed()).toHaveLength(1);
    expect(await ledger.setStatuses([activate(TEAM)], ADMIN)).toEqual([]);
  });

  it('happens by itself when an unknown key is switched', async () => {
    const { use, ledger } = setUp();
    use(TEAM);
    expect(await ledger.setStatuses([activate(TEAM)], ADMIN)).toEqual([]);
  });

  it('stops taking up keys of a source at ten thousand', async () => {
    const { use, ledger } = setUp();
    use(...Array.from({ length: 10_001 }, (_, index) => `iamPrincipal/${index}`), 'resourceTags/project');
    await ledger.discover();
    await ledger.discover();
    expect(ledger.all().size).toBe(10_001);
    expect(ledger.all().has('resourceTags/project')).toBe(true);
  });

  it('forgets keys that were never switched for keys that were used later, so that a flood of them passes', async () => {
    const { time, use, ledger, deps } = await withTeam();
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    use('iamPrincipal/steady');
    use(...Array.from({ length: 12_000 }, (_, index) => `iamPrincipal/${index}`));
    await ledger.discover();
    time.nowMs += HOUR_MS;
    use('iamPrincipal/steady', 'iamPrincipal/app');
    await ledger.discover();
    expect(ledger.all().size).toBe(10_000);
    for (const key of [TEAM, 'iamPrincipal/steady', 'iamPrincipal/app']) expect(ledger.all().has(key)).toBe(true);
    expect(new TagLedger(deps).all()).toEqual(ledger.all());
    const before = [...ledger.all().keys()];
    await ledger.discover();
    expect([...ledger.all().keys()]).toEqual(before);
  });
});

describe('activation', () => {
  it('holds from the instant of the call to that of the deactivation', async () => {
    const { time, ledger } = await withTeam();
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    time.nowMs += HOUR_MS;
    await ledger.setStatuses([deactivate(TEAM)], ADMIN);
    expect(ledger.all().get(TEAM)).toMatchObject({
      status: 'Inactive',
      lastUpdatedAtMs: START_MS + HOUR_MS,
      activeIntervals: [{ fromMs: START_MS, toMs: START_MS + HOUR_MS }],
    });
    expect(ledger.sliceInstants()).toEqual([START_MS, START_MS + HOUR_MS]);
  });

  it('takes effect after the configured delay, while the status changes at once', async () => {
    const { ledger } = await withTeam({ activationDelayMs: DAY_MS });
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    expect(ledger.all().get(TEAM)).toMatchObject({ status: 'Active', lastUpdatedAtMs: START_MS });
    expect(intervalsOf(ledger)).toEqual([{ fromMs: START_MS + DAY_MS }]);
  });

  it('changes nothing when the key has the status already', async () => {
    const { time, ledger } = await withTeam();
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    const before = ledger.all().get(TEAM);
    time.nowMs += HOUR_MS;
    expect(await ledger.setStatuses([activate(TEAM)], ADMIN)).toEqual([]);
    expect(ledger.all().get(TEAM)).toEqual(before);
  });

  it('of several keys goes on past one that is unknown', async () => {
    const { ledger } = await withTeam();
    const errors = await ledger.setStatuses([activate('iamPrincipal/none'), activate('team'), activate(TEAM)], ADMIN);
    expect(errors.map(({ key }) => key)).toEqual(['iamPrincipal/none', 'team']);
    expect(ledger.all().get(TEAM)?.status).toBe('Active');
  });

  it('is refused for the 501st key until another one is switched off', async () => {
    const { use, ledger } = setUp();
    const keys = Array.from({ length: 501 }, (_, index) => `iamPrincipal/${String(index).padStart(3, '0')}`);
    use(...keys);
    expect(await ledger.setStatuses(keys.slice(0, 500).map(activate), ADMIN)).toEqual([]);
    expect(await ledger.setStatuses([activate(keys[500]!)], ADMIN)).toEqual([
      { key: keys[500], code: 'LimitExceededException' },
    ]);
    expect(await ledger.setStatuses([deactivate(keys[0]!), activate(keys[500]!)], ADMIN)).toEqual([]);
  });

  it('survives a restart', async () => {
    const { deps, ledger } = await withTeam();
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    expect(new TagLedger(deps).all()).toEqual(ledger.all());
  });
});

describe('the history of a key', () => {
  it('has every switch with its instants and who asked for it', async () => {
    const { time, deps, ledger } = await withTeam({ activationDelayMs: DAY_MS });
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    time.nowMs += HOUR_MS;
    await ledger.setStatuses([activate(TEAM)], 'arn:aws:iam::111111111111:user/idle');
    await ledger.setStatuses([deactivate(TEAM)], 'arn:aws:iam::111111111111:user/other');
    const history = [
      { status: 'Active', atMs: START_MS, effectiveFromMs: START_MS + DAY_MS, by: ADMIN },
      {
        status: 'Inactive',
        atMs: START_MS + HOUR_MS,
        effectiveFromMs: START_MS + HOUR_MS + DAY_MS,
        by: 'arn:aws:iam::111111111111:user/other',
      },
    ];
    expect(ledger.history(TEAM)).toEqual(history);
    expect(new TagLedger(deps).history(TEAM)).toEqual(history);
    expect(ledger.history('iamPrincipal/none')).toEqual([]);
  });

  it('ends at a thousand switches, none of which is lost', async () => {
    const { deps, ledger } = await withTeam();
    const past = { status: 'Inactive', atMs: 0, effectiveFromMs: 0, by: ADMIN };
    const tag = { ...ledger.all().get(TEAM), history: Array.from({ length: 999 }, () => past) };
    await deps.records.write([{ kind: 'costAllocationTag', key: TEAM, body: tag }]);
    expect(await ledger.setStatuses([activate(TEAM)], ADMIN)).toEqual([]);
    const errors = await ledger.setStatuses([deactivate(TEAM)], ADMIN);
    expect(errors).toEqual([{ key: TEAM, code: 'LimitExceededException' }]);
    expect(ledger.history(TEAM)).toHaveLength(1_000);
  });
});

describe('the cost path', () => {
  it('is told of new slice instants, on every node, and of nothing else', async () => {
    const { time, use, deps, ledger } = await withTeam();
    const told: (readonly number[])[] = [];
    new TagLedger(deps).onChange((instants) => told.push(instants));
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    time.nowMs += MINUTE_MS;
    use(TEAM);
    await ledger.discover();
    expect(told).toEqual([[START_MS]]);
  });
});

describe('backfill', () => {
  const APRIL_MS = Date.UTC(2026, 3, 1);

  it('shows history by the status of now and keeps what lies before it', async () => {
    const { time, ledger } = await withTeam();
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    const request = await ledger.startBackfill(APRIL_MS, ADMIN);
    const times = { backfillFromMs: APRIL_MS, requestedAtMs: START_MS, completedAtMs: START_MS };
    expect(request).toMatchObject({ ...times, requestedBy: ADMIN });
    expect(intervalsOf(ledger)).toEqual([{ fromMs: APRIL_MS }]);

    time.nowMs += 2 * DAY_MS;
    await ledger.setStatuses([deactivate(TEAM)], ADMIN);
    await ledger.startBackfill(Date.UTC(2026, 4, 1), ADMIN);
    expect(intervalsOf(ledger)).toEqual([{ fromMs: APRIL_MS, toMs: Date.UTC(2026, 4, 1) }]);
    expect(ledger.backfills().map(({ requestedAtMs }) => requestedAtMs)).toEqual([START_MS + 2 * DAY_MS, START_MS]);
  });

  it('shows when its delay is over, by the statuses at the request', async () => {
    const delays = { activationDelayMs: DAY_MS, backfillDelayMs: DAY_MS };
    const { time, deps, ledger } = await withTeam(delays);
    await ledger.setStatuses([activate(TEAM)], ADMIN);
    await ledger.startBackfill(APRIL_MS, ADMIN);
    time.nowMs += HOUR_MS;
    await ledger.setStatuses([deactivate(TEAM)], ADMIN);
    expect(intervalsOf(ledger)).toEqual([{ fromMs: START_MS + DAY_MS, toMs: START_MS + HOUR_MS + DAY_MS }]);
    time.nowMs = START_MS + DAY_MS;
    const shown = [{ fromMs: APRIL_MS, toMs: START_MS + HOUR_MS + DAY_MS }];
    expect(intervalsOf(ledger)).toEqual(shown);
    expect(intervalsOf(new TagLedger(deps))).toEqual(shown);
  });

  it('leaves keys alone that older records have rewritten', async () => {
    const { deps } = await withTeam();
    const old = {
      backfillFromMs: APRIL_MS,
      requestedAtMs: START_MS - 9 * DAY_MS,
      completedAtMs: START_MS - 9 * DAY_MS,
    };
    const tag = {
      key: TEAM,
      status: 'Active',
      lastUsedAtMs: 0,
      discoveredAtMs: 0,
      activeIntervals: [{ fromMs: APRIL_MS }],
    };
    await deps.records.write([
      { kind: 'costAllocationTagBackfill', key: String(old.requestedAtMs), body: old },
      { kind: 'costAllocationTag', key: TEAM, body: tag },
    ]);
    const ledger = new TagLedger(deps);
    expect(intervalsOf(ledger)).toEqual([{ fromMs: APRIL_MS }]);
    expect(ledger.backfills()).toEqual([old]);
  });

  it('is taken once in 24 hours', async () => {
    const { time, ledger } = await withTeam();
    await ledger.startBackfill(APRIL_MS, ADMIN);
    time.nowMs += DAY_MS - 1;
    await expect(ledger.startBackfill(APRIL_MS, ADMIN)).rejects.toMatchObject({
      code: 'BackfillLimitExceededException',
    });
    time.nowMs += 1;
    await ledger.startBackfill(APRIL_MS, ADMIN);
  });

  it.each([
    ['a day inside a month', Date.UTC(2026, 3, 2)],
    ['an hour of the first day', APRIL_MS + HOUR_MS],
    ['more than twelve months back', Date.UTC(2025, 3, 1)],
    ['the future', Date.UTC(2026, 5, 1)],
  ])('is refused from %s', async (_, fromMs) => {
    const { ledger } = await withTeam();
    await expect(ledger.startBackfill(fromMs, ADMIN)).rejects.toMatchObject({ code: 'ValidationException' });
    expect(ledger.backfills()).toEqual([]);
  });

  it('reaches back twelve months', async () => {
    const { ledger } = await withTeam();
    await ledger.startBackfill(Date.UTC(2025, 4, 1), ADMIN);
  });
});

describe('two nodes', () => {
  it('that switch keys at once both get through', async () => {
    const { deps } = await withTeam();
    const other = new TagLedger(deps);
    let isFirst = true;
    const records: RecordStore = {
      all: (kind) => deps.records.all(kind),
      get: (kind, key) => deps.records.get(kind, key),
      watch: (onChange) => deps.records.watch(onChange),
      close: () => deps.records.close(),
      write: async (changes) => {
        // The other node's write lands between our reading and our writing.
        if (isFirst) {
          isFirst = false;
          await other.setStatuses([activate(TEAM)], ADMIN);
        }
        await deps.records.write(changes);
      },
    };
    const ledger = new TagLedger({ ...deps, records });
    await ledger.startBackfill(Date.UTC(2026, 4, 1), ADMIN);
    expect(intervalsOf(ledger)).toEqual([{ fromMs: Date.UTC(2026, 4, 1) }]);
    expect(intervalsOf(other)).toEqual(intervalsOf(ledger));
  });

  it('gives up when it never gets through', async () => {
    const { deps } = await withTeam();
    const write = async () => {
      throw new RecordConflict('again');
    };
    const records: RecordStore = {
      all: (kind) => deps.records.all(kind),
      get: (kind, key) => deps.records.get(kind, key),
      watch: (onChange) => deps.records.watch(onChange),
      close: () => deps.records.close(),
      write,
    };
    await expect(new TagLedger({ ...deps, records }).setStatuses([activate(TEAM)], ADMIN)).rejects.toThrow(
      RecordConflict,
    );
  });
});
