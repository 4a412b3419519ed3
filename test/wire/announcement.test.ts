import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { APPLICATIONS, USERS } from '../../examples/demo/announcement.ts';
import { activateTags, deliverExport } from '../../examples/demo/billing.ts';
import { runAnnouncement } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { deliveredRows, monthStart } from './delivered-rows.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { SCENARIO_1_ROWS } from './user-announcement.ts';

const ROLE = 'arn:aws:sts::123456789012:assumed-role/';
const DOC_FLOW = { 'iamPrincipal/project': 'DocFlow', 'iamPrincipal/cost-center': '12345' };
const CHAT = { 'iamPrincipal/project': 'ChatBackend', 'iamPrincipal/cost-center': '12345' };

/** Scenario 1, and in the same form the table of scenario 2. */
const EXPECTED = [
  ...SCENARIO_1_ROWS,
  [`${ROLE}Role-1/session-123`, 'USE1-Claude4.6Opus-output-tokens', '0.1650', 0.165, DOC_FLOW],
  [`${ROLE}Role-1/session-123`, 'USE1-Claude4.6Sonnet-input-tokens', '0.0330', 0.033, DOC_FLOW],
  [`${ROLE}Role-2/session-456`, 'USE1-NovaLite-input-tokens', '0.0810', 0.081, CHAT],
  [`${ROLE}Role-2/session-456`, 'USE1-NovaLite-output-tokens', '0.0500', 0.049992, CHAT],
] as const;

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  await runAnnouncement(server.admin, () => undefined);
  const calls = [...USERS, ...APPLICATIONS].flatMap((caller) => caller.calls).length;
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(calls), ARRIVAL);
  await activateTags(server.admin, monthStart());
  await deliverExport(server.admin);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

// peers rows 1.
describe("AWS's announcement, scenarios 1 and 2", () => {
  it('comes out of the delivered CUR 2.0 file exactly', async () => {
    expect(await deliveredRows(server)).toEqual(EXPECTED);
  });

  it('comes out of Cost Explorer by team, with the untagged rest', async () => {
    const ce = new CostExplorerClient(server.admin);
    const next = new Date(Date.UTC(monthStart().getUTCFullYear(), monthStart().getUTCMonth() + 1, 1));
    const { ResultsByTime: months } = await ce.send(
      new GetCostAndUsageCommand({
        TimePeriod: { Start: monthStart().toISOString().slice(0, 10), End: next.toISOString().slice(0, 10) },
        Granularity: 'MONTHLY',
        Metrics: ['UnblendedCost'],
        GroupBy: [{ Type: 'TAG', Key: 'iamPrincipal/team' }],
      }),
    );
    ce.destroy();
    const groups = Object.fromEntries(
      (months?.[0]?.Groups ?? []).map(({ Keys, Metrics }) => [Keys?.[0], Metrics?.UnblendedCost?.Amount]),
    );
    expect(groups).toEqual({ 'iamPrincipal/team$BedrockDataScience': '1.4718', 'iamPrincipal/team$': '0.328992' });
  });
});
