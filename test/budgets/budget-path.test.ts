import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import type { AuditLog } from '../../src/audit/audit-log.ts';
import type { AuditRecord } from '../../src/audit/audit-record.ts';
import { type Budget, notificationKey } from '../../src/budgets/budget.ts';
import type { BudgetAction } from '../../src/budgets/budget-action.ts';
import { amountText } from '../../src/budgets/budget-amount.ts';
import { BudgetOutlooks } from '../../src/budgets/budget-forecast.ts';
import { NO_END_MS } from '../../src/budgets/budget-period.ts';
import { BudgetRegistry } from '../../src/budgets/budget-registry.ts';
import { Directory } from '../../src/identity/directory.ts';
import { put } from '../../src/identity/directory-records.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { NoticeBook } from '../../src/notices/notice-book.ts';
import { type BudgetPathParts, lookAtBudget } from '../../src/paths/budget-path.ts';
import { forecastRanges } from '../../src/reports/forecast.ts';
import { lineItem } from '../reports/line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from '../reports/report-store.ts';

const MANAGEMENT = '123456789012';
const POLICY = 'arn:aws:iam::aws:policy/AmazonBedrockReadOnly';
const SUBSCRIBER = { type: 'EMAIL', address: 'fin@acme.example' } as const;

let reports: ReportStore;
beforeAll(async () => {
  reports = await openReportStore();
});
afterAll(async () => {
  await reports.close();
});

const at = (text: string) => Date.parse(`${text}:00Z`);

let accounts = 0;

/** One budget in an account of its own, and as many processes that look at it as a test wants. */
class Bench {
  readonly accountId = String(300_000_000_000 + accounts++);
  readonly records: SqliteRecordStore;
  readonly directory: Directory;
  readonly audited: AuditRecord[] = [];
  readonly named = { accountId: this.accountId, name: 'team' };
  nowMs: number;
  parts: BudgetPathParts;

  constructor(now: string) {
    this.nowMs = at(now);
    this.records = new SqliteRecordStore(':memory:', () => this.nowMs);
    this.directory = new Directory(this.records, new MasterKeySecretBox(Buffer.alloc(32, 7)));
    this.parts = this.process();
  }

  /** What a process has in memory: all of it is made anew from the records. */
  process(): BudgetPathParts {
    const auditLog: Pick<AuditLog, 'requireWritable' | 'append'> = {
      requireWritable: async () => {},
      append: async (record) => void this.audited.push(record),
    };
    return {
      store: reports.store,
      costCatalog: () => NO_CATALOG,
      managementAccountId: MANAGEMENT,
      registry: new BudgetRegistry(this.records),
      outbox: new NoticeBook(this.records, () => this.nowMs),
      directory: this.directory,
      auditLog: auditLog as AuditLog,
      outlooks: new BudgetOutlooks(async (...question) => forecastRanges(...question)),
      newSignal: () => new AbortController().signal,
      newId: randomUUID,
    };
  }

  async budget(rest: Partial<Budget> = {}): Promise<Budget> {
    const budget: Budget = {
      ...this.named,
      type: 'COST',
      timeUnit: 'MONTHLY',
      limit: { kind: 'fixed', spend: { amount: '100.0', unit: 'USD' } },
      startMs: at('2026-01-01T00:00'),
      endMs: NO_END_MS,
      scope: { form: 'expression' },
      updatedAtMs: this.nowMs,
      notifications: [],
      tags: [],
      ...rest,
    };
    await this.records.write(this.parts.registry.create(budget, this.nowMs));
    return budget;
  }

  /** An action at the role `Team`, carried out by the role `Acting`; both are made. */
  async action(rest: Partial<BudgetAction> = {}): Promise<BudgetAction> {
    const role = (name: string, trustPolicy: object, statements: readonly object[]) =>
      put('role', {
        version: 0,
        accountId: this.accountId,
        id: `AROA${name.toUpperCase()}`,
        name,
        path: '/',
        createdAtMs: this.nowMs,
        maxSessionDurationSeconds: 3_600,
        trustPolicy: JSON.stringify(trustPolicy),
        tags: new Map(),
        inlinePolicies: [{ name: 'p', document: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }],
        attachedPolicyArns: [],
      });
    const trust = (Principal: object) => ({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'sts:AssumeRole' }],
    });
    const allow = [{ Effect: 'Allow', Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'], Resource: '*' }];
    const action: BudgetAction = {
      accountId: this.accountId,
      budgetName: 'team',
      id: randomUUID(),
      notificationType: 'ACTUAL',
      threshold: { value: 100, type: 'PERCENTAGE' },
      definition: { type: 'APPLY_IAM_POLICY', policyArn: POLICY, roles: ['Team'] },
      executionRoleArn: `arn:aws:iam::${this.accountId}:role/Acting`,
      approval: 'AUTOMATIC',
      subscribers: [SUBSCRIBER],
      status: 'STANDBY',
      applied: [],
      eventCount: 0,
      tags: [],
      ...rest,
    };
    const event = { atMs: this.nowMs, type: 'CREATE_ACTION', message: '' } as const;
    await this.records.write([
      role('Team', trust({ AWS: this.accountId }), []),
      role('Acting', trust({ Service: 'budgets.amazonaws.com' }), allow),
      ...this.parts.registry.putAction(undefined, action, event),
    ]);
    return action;
  }

  /** The same on as many days from then on. */
  async spend(time: string, usd: string, days = 1): Promise<void> {
    const costPicoUsd = parsePicoUsd(usd);
    const fields = { accountId: this.accountId, costPicoUsd, netCostPicoUsd: costPicoUsd };
    const lineItems = Array.from({ length: days }, (_, day) => lineItem(at(time) + day * DAY_MS, fields));
    await reports.store.insert({ token: randomUUID(), usageEvents: [], lineItems });
  }

  /** Looks until there is nothing more to do, as the schedule does. */
  async look(time: string, parts = this.parts): Promise<void> {
    this.nowMs = at(time);
    for (let looks = 0; looks < 6; looks += 1) if (!(await lookAtBudget(this.named, parts, this.nowMs))) return;
    throw new Error('there is always more to do');
  }

  get actual(): string | undefined {
    const { spend } = this.parts.registry.find(this.named)!.state.body;
    return spend && amountText(BigInt(spend.actual));
  }

  get subjects(): string[] {
    return new NoticeBook(this.records, () => this.nowMs)
      .list()
      .map(({ notice }) => `${notice.facts.threshold ?? notice.facts.status}`)
      .reverse();
  }

  get attached(): readonly string[] {
    return this.directory.role(this.accountId, 'Team')!.attachedPolicyArns;
  }

  statuses(action: BudgetAction): string[] {
    return this.parts.registry
      .events(action)
      .map((event) => event.action.status)
      .reverse();
  }
}

function over(value: number, type: 'ACTUAL' | 'FORECASTED' = 'ACTUAL'): Budget['notifications'][number] {
  const threshold = { value, type: 'PERCENTAGE' } as const;
  return { type, operator: 'GREATER_THAN', threshold, subscribers: [SUBSCRIBER] };
}

describe('a threshold of actual amounts', () => {
  it('tells once a period, over restarts, and again in the next', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget({ notifications: [over(80), over(90)] });
    await bench.spend('2026-03-02T10:00', '80');
    await bench.look('2026-03-02T11:00');
    expect(bench.subjects).toEqual([]);
    await bench.spend('2026-03-02T11:00', '0.000000000001');
    await bench.look('2026-03-02T12:00');
    await bench.look('2026-03-02T12:01', bench.process());
    expect(bench.actual).toBe('80.000000000001');
    expect(bench.subjects).toEqual(['80']);
    await bench.spend('2026-03-03T11:00', '15');
    await bench.look('2026-03-03T12:00', bench.process());
    expect(bench.subjects).toEqual(['80', '90']);
    await bench.look('2026-04-01T00:00');
    expect(bench.actual).toBe('0.0');
    await bench.spend('2026-04-01T00:15', '81');
    await bench.look('2026-04-01T01:00');
    expect(bench.subjects).toEqual(['80', '90', '80']);
  });

  it('tells once when ten processes look at the same time', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget({ notifications: [over(50)] });
    await bench.spend('2026-03-02T10:00', '60');
    await Promise.all(Array.from({ length: 10 }, () => bench.look('2026-03-02T11:00', bench.process())));
    expect(bench.subjects).toEqual(['50']);
  });

  it('is compared with the last minutes of a period after its end', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget({ notifications: [over(80)] });
    await bench.look('2026-03-31T23:45');
    await bench.spend('2026-03-31T23:45', '90');
    await bench.look('2026-04-01T00:01');
    expect(bench.subjects).toEqual(['80']);
    expect(bench.actual).toBe('0.0');
    expect(bench.parts.registry.find(bench.named)!.state.body.notifications[notificationKey(over(80))]?.state).toBe(
      'OK',
    );
  });
});

describe('a threshold of forecasts', () => {
  it('tells once that the month is foreseen to end over it, and nothing without history', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget({ notifications: [over(100, 'FORECASTED')] });
    await bench.look('2026-03-05T00:00');
    expect(bench.parts.registry.find(bench.named)!.state.body.spend).not.toHaveProperty('forecast');
    await bench.spend('2026-03-05T12:00', '4', 57);
    // 4 USD a day: 124 in a month of 31 days.
    await bench.look('2026-05-01T00:00');
    expect(bench.subjects).toEqual(['100']);
    const { forecast } = bench.parts.registry.find(bench.named)!.state.body.spend!;
    expect(Number(forecast) / 1e12).toBeCloseTo(124, 0);
    await bench.look('2026-05-02T00:00');
    expect(bench.subjects).toEqual(['100']);
  });
});

describe('a limit that adjusts itself', () => {
  it('is the average of past months, set once when a month begins', async () => {
    const bench = new Bench('2026-01-01T00:00');
    await bench.budget({ limit: { kind: 'historical', lookBackPeriods: 4 } });
    await bench.spend('2026-03-10T00:00', '30');
    await bench.spend('2026-04-10T00:00', '60');
    await bench.look('2026-05-02T00:00');
    const adjusted = () => bench.parts.registry.find(bench.named)!.state.body.adjusted;
    // January and February have nothing and do not count.
    expect(adjusted()).toMatchObject({ amount: '45.0', lookBackAvailable: 2, adjustedAtMs: at('2026-05-02T00:00') });
    await bench.spend('2026-05-10T00:00', '90');
    await bench.look('2026-05-20T00:00');
    expect(adjusted()).toMatchObject({ amount: '45.0' });
    await bench.look('2026-06-01T00:00');
    expect(adjusted()).toMatchObject({ amount: '60.0', lookBackAvailable: 3 });
  });
});

describe('an action', () => {
  it('is undone when a period begins, and set off again in it', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget();
    const action = await bench.action();
    await bench.spend('2026-03-02T10:00', '101');
    await bench.look('2026-03-02T11:00');
    expect(bench.attached).toEqual([POLICY]);
    await bench.look('2026-03-31T23:59');
    expect(bench.attached).toEqual([POLICY]);
    await bench.look('2026-04-01T00:00');
    expect(bench.attached).toEqual([]);
    await bench.spend('2026-04-02T10:00', '200');
    await bench.look('2026-04-02T11:00');
    expect(bench.attached).toEqual([POLICY]);
    expect(bench.statuses(action)).toEqual([
      'STANDBY',
      ...['EXECUTION_IN_PROGRESS', 'EXECUTION_SUCCESS', 'REVERSE_IN_PROGRESS', 'REVERSE_SUCCESS', 'STANDBY'],
      ...['EXECUTION_IN_PROGRESS', 'EXECUTION_SUCCESS'],
    ]);
    expect(bench.audited.map(({ eventName }) => eventName)).toEqual([
      'AttachRolePolicy',
      'DetachRolePolicy',
      'AttachRolePolicy',
    ]);
  });

  it('that was set off before a kill is carried out once, by whoever looks first', async () => {
    const bench = new Bench('2026-03-02T11:00');
    await bench.budget();
    const action = await bench.action();
    await bench.spend('2026-03-02T10:00', '101');
    // One look notes that it is to be done; the process that would do it is gone.
    expect(await lookAtBudget(bench.named, bench.parts, bench.nowMs)).toBe(true);
    expect(bench.statuses(action)).toEqual(['STANDBY', 'EXECUTION_IN_PROGRESS']);
    expect(bench.attached).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => bench.look('2026-03-02T11:01', bench.process())));
    expect(bench.attached).toEqual([POLICY]);
    expect(bench.statuses(action)).toEqual(['STANDBY', 'EXECUTION_IN_PROGRESS', 'EXECUTION_SUCCESS']);
    expect(bench.audited).toHaveLength(1);
    expect(bench.subjects).toEqual(['EXECUTION_SUCCESS']);
  });

  it('that cannot be undone says so once, and waits for somebody', async () => {
    const bench = new Bench('2026-03-02T11:00');
    await bench.budget();
    const action = await bench.action();
    await bench.spend('2026-03-02T10:00', '101');
    await bench.look('2026-03-02T12:00');
    const acting = bench.directory.role(bench.accountId, 'Acting')!;
    await bench.directory.write([put('role', { ...acting, inlinePolicies: [] })]);
    for (const time of ['2026-04-01T00:00', '2026-04-01T00:01', '2026-05-01T00:00']) await bench.look(time);
    expect(bench.attached).toEqual([POLICY]);
    expect(bench.statuses(action).at(-1)).toBe('REVERSE_FAILURE');
    expect(bench.subjects).toEqual(['EXECUTION_SUCCESS', 'REVERSE_FAILURE']);
  });

  it('takes off what it has attached, and not what was there before', async () => {
    const bench = new Bench('2026-03-02T11:00');
    await bench.budget();
    await bench.action();
    const role = bench.directory.role(bench.accountId, 'Team')!;
    await bench.directory.write([put('role', { ...role, attachedPolicyArns: [POLICY] })]);
    await bench.spend('2026-03-02T10:00', '101');
    await bench.look('2026-03-02T12:00');
    await bench.look('2026-04-01T00:00');
    expect(bench.attached).toEqual([POLICY]);
  });
});

describe('a budget', () => {
  it('is deleted at its end, after its actions were undone', async () => {
    const bench = new Bench('2026-03-01T00:00');
    await bench.budget({ timeUnit: 'CUSTOM', startMs: at('2026-03-01T00:00'), endMs: at('2026-03-08T00:00') });
    await bench.action();
    await bench.spend('2026-03-02T10:00', '101');
    await bench.look('2026-03-07T00:00');
    expect(bench.attached).toEqual([POLICY]);
    await bench.look('2026-03-08T00:00');
    expect(bench.attached).toEqual([]);
    expect(bench.parts.registry.find(bench.named)).toBeUndefined();
    expect([...bench.records.all('budget-action')]).toEqual([]);
    expect([...bench.records.all('budget-action-event')]).toEqual([]);
  });

  it('whose filter means nothing is unhealthy, and healthy again when it does', async () => {
    const bench = new Bench('2026-03-02T11:00');
    const broken = { form: 'expression', expression: { Dimensions: { Key: 'GONE', Values: ['a'] } } } as const;
    const budget = await bench.budget({ scope: broken });
    await bench.look('2026-03-02T12:00');
    const state = () => bench.parts.registry.find(bench.named)!.state.body;
    expect(state()).toMatchObject({ unhealthy: 'FILTER_INVALID', healthChangedAtMs: at('2026-03-02T12:00') });
    const record = bench.parts.registry.find(bench.named)!;
    await bench.records.write([
      bench.parts.registry.replaceBudget(record, { ...budget, scope: { form: 'expression' } }),
    ]);
    await bench.look('2026-03-02T13:00');
    expect(state()).toMatchObject({ healthChangedAtMs: at('2026-03-02T13:00') });
    expect(state()).not.toHaveProperty('unhealthy');
  });

  it('writes nothing when nothing has changed', async () => {
    const bench = new Bench('2026-03-02T11:00');
    await bench.budget({ notifications: [over(1)] });
    await bench.spend('2026-03-02T10:00', '50');
    await bench.look('2026-03-02T12:00');
    let writes = 0;
    bench.records.watch(() => {
      writes += 1;
    });
    await bench.look(new Date(bench.nowMs + HOUR_MS).toISOString().slice(0, 16));
    expect(writes).toBe(0);
  });
});
