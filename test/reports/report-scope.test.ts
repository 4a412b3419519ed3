import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Caller } from '../../src/identity/principal.ts';
import { ClientPresence } from '../../src/kernel/client-presence.ts';
import type { OperationCall, OperationTable } from '../../src/paths/operation-handler.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import { reportOperations } from '../../src/services/tallyline/report.ts';
import { type ReportScope, visibilityOf } from '../../src/services/tallyline/report-scope.ts';
import { anyCatalog, anyLineItem, anyQuery } from './arbitrary-query.ts';
import { ACCOUNT, MEMBER_ACCOUNT } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const ITEMS = fc.sample(anyLineItem, { numRuns: 200, seed: 11 });
const CATALOG = anyCatalog(ITEMS);
const TEAMS = [...new Set(ITEMS.flatMap(teamOf))].filter((team) => team !== '');
const PRINCIPALS = [...new Set(ITEMS.map(({ principalArn }) => principalArn))];

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems: ITEMS });
});
afterAll(() => reports?.close());

function teamOf({ principalTags }: LineItem): string[] {
  return principalTags.filter(([key]) => key === 'team').map(([, value]) => value);
}

/** A caller with nothing but what a scope looks at. */
function callerOf(arn: string, team?: string): Caller {
  const tags = new Map(team === undefined ? [] : [['team', team]]);
  return { arn, accountId: arn.includes(MEMBER_ACCOUNT) ? MEMBER_ACCOUNT : ACCOUNT, tags } as unknown as Caller;
}

const SCOPE_PARTS = { managementAccountId: ACCOUNT, teamTagKey: 'team' };

function isVisible(item: LineItem, scope: ReportScope, { arn, accountId, tags }: Caller): boolean {
  if (accountId !== ACCOUNT && item.accountId !== accountId) return false;
  if (scope === 'OWN') return item.principalArn === arn;
  return scope === 'ALL' || teamOf(item).includes(tags.get('team')!);
}

function operations(catalog: CostCatalog): OperationTable {
  const usageCompleteToMs = (nowMs: number) => nowMs;
  return reportOperations({ ...SCOPE_PARTS, store: reports.store, costCatalog: () => catalog, usageCompleteToMs });
}

/** The operation's rows. */
async function ask(
  input: object,
  caller: Caller,
  catalog = NO_CATALOG,
): Promise<{ CostUsd: string; Tokens: string }[]> {
  const { GetReport } = operations(catalog);
  const request = { client: new ClientPresence() };
  const { Rows } = await GetReport!.run({ input, caller, request } as OperationCall<never>);
  return Rows;
}

// Whoever may see less must not see more by asking otherwise.
describe('a report of a scope', () => {
  it('never shows more than what is visible there, whatever is asked', async () => {
    const callers = fc.tuple(fc.constantFrom(...PRINCIPALS), fc.constantFrom(...TEAMS)).map((of) => callerOf(...of));
    const scopes = fc.constantFrom<ReportScope>('ALL', 'TEAM', 'OWN');
    const property = fc.asyncProperty(anyQuery, CATALOG, scopes, callers, async (query, catalog, scope, caller) => {
      const input = {
        ...{ Start: new Date(query.range.startMs), End: new Date(query.range.endMs), Granularity: query.granularity },
        ...{ Filter: query.filter, TopN: query.topN, Scope: scope, GroupBy: query.groupBy.map(wireKey) },
      };
      const visible = ITEMS.filter((item) => {
        const { startMs, endMs } = query.range;
        return item.bucketStartMs >= startMs && item.bucketStartMs < endMs && isVisible(item, scope, caller);
      });
      const tokens = (rows: readonly { Tokens: string }[]) => rows.reduce((sum, row) => sum + BigInt(row.Tokens), 0n);
      const shown = tokens(await ask(input, caller, catalog));
      const reversed = tokens(await ask({ ...input, Filter: { not: query.filter ?? { and: [] } } }, caller, catalog));
      const whole = tokens(await ask({ ...input, Filter: undefined }, caller, catalog));
      expect(whole).toBe(visible.reduce((sum, item) => sum + (item.meter === 'image_1024' ? 0n : item.quantity), 0n));
      expect(shown + reversed).toBe(whole);
      if (scope === 'ALL' && caller.accountId === ACCOUNT) return;
      const others = ITEMS.filter((item) => !isVisible(item, scope, caller));
      // Every way to name what is not visible finds nothing.
      const named = others
        .slice(0, 3)
        .flatMap(({ principalArn, accountId }) => [
          { key: { dimension: 'principal' }, equalsAny: [principalArn] },
          { or: [{ key: { dimension: 'account' }, equalsAny: [accountId] }, { and: [] }] },
        ]);
      const widened = tokens(await ask({ ...input, Filter: { or: [...named, { and: [] }] } }, caller, catalog));
      expect(widened).toBe(whole);
    });
    await fc.assert(property, { seed: 20_261_129, numRuns: 60 });
  });

  it('needs a team for the team', () => {
    const [arn] = PRINCIPALS;
    for (const caller of [callerOf(arn!), callerOf(arn!, '')]) {
      expect(() => visibilityOf({ Scope: 'TEAM' }, caller, SCOPE_PARTS)).toThrow(
        `\`${arn}\` carries no tag \`team\`, so it belongs to no team; tag the user, the role or the session`,
      );
    }
  });

  it('asks for the permission of the scope', () => {
    const needs = (input: object, operation = 'GetReport') => {
      return (
        operations(NO_CATALOG)[operation]!.access as (call: OperationCall<never>) => readonly { action: string }[]
      )({
        input,
      } as OperationCall<never>).map(({ action }) => action);
    };
    expect(needs({})).toEqual(['tallyline:GetReport']);
    expect(needs({ Scope: 'ALL' })).toEqual(['tallyline:GetReport']);
    expect(needs({ Scope: 'TEAM' })).toEqual(['tallyline:GetTeamReport']);
    expect(needs({ Scope: 'OWN' })).toEqual(['tallyline:GetOwnReport']);
    expect(needs({}, 'GetReportData')).toEqual(['tallyline:GetReportData']);
    expect(needs({ Scope: 'OWN' }, 'SearchReportValues')).toEqual(['tallyline:GetOwnReport']);
  });
});

function wireKey(key: object): object {
  const [[member, value]] = Object.entries(key) as [[string, string]];
  return {
    Type: { dimension: 'DIMENSION', tag: 'TAG', costCategory: 'COST_CATEGORY', membership: 'MEMBERSHIP' }[member],
    Key: value,
  };
}
