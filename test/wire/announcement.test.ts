import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { APPLICATIONS, USERS } from '../../examples/demo/announcement.ts';
import { activateTags, deliverExport } from '../../examples/demo/billing.ts';
import { runAnnouncement } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { deliveredRows, monthStart } from './delivered-rows.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';

const USER = 'arn:aws:iam::123456789012:user/';
const ROLE = 'arn:aws:sts::123456789012:assumed-role/';
const DATA_SCIENCE = { 'iamPrincipal/team': 'BedrockDataScience', 'iamPrincipal/cost-center': '12345' };
const DOC_FLOW = { 'iamPrincipal/project': 'DocFlow', 'iamPrincipal/cost-center': '12345' };
const CHAT = { 'iamPrincipal/project': 'ChatBackend', 'iamPrincipal/cost-center': '12345' };

/**
 * Tables of scenarios 1 and 2 of AWS's announcement (aws.amazon.com/blogs/machine-learning/
 * introducing-granular-cost-attribution-for-amazon-bedrock, 2026-04-17): principal, usage type, cost to four decimals,
 * tags. The exact cost is quantity x regional price by hand: 21,000 x 3.30/1M, 13,000 x 16.50/1M, ...
 */
const EXPECTED = [
  [`${USER}user-1`, 'USE1-Claude4.6Sonnet-input-tokens', '0.0693', 0.0693, DATA_SCIENCE],
  [`${USER}user-1`, 'USE1-Claude4.6Sonnet-output-tokens', '0.2145', 0.2145, DATA_SCIENCE],
  [`${USER}user-2`, 'USE1-Claude4.6Opus-input-tokens', '0.1980', 0.198, DATA_SCIENCE],
  [`${USER}user-2`, 'USE1-Claude4.6Opus-output-tokens', '0.9900', 0.99, DATA_SCIENCE],
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
