import {
  type CostCategoryRule,
  CostExplorerClient,
  CreateCostCategoryDefinitionCommand,
} from '@aws-sdk/client-cost-explorer';
import { AttachUserPolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { billingPeriodOf, billingPeriodStartMs, isoSeconds } from '../../src/kernel/time.ts';
import { activateTags } from './billing.ts';
import { countBusiness } from './business-counts.ts';
import { chargeTeams } from './chargeback.ts';
import { CONSOLE_USERS, COST_CENTERS } from './company.ts';
import type { DemoFoundation } from './foundation.ts';
import { historyArrived, tallylineOf } from './history-arrival.ts';
import { importOrgChart } from './org-chart.ts';
import type { ClientConfig } from './organisation.ts';
import { controlSpend } from './spend-controls.ts';
import { ADOPTION_DAYS, dayText, OUTAGE_DAYS, PRICE_RISE_DAYS } from './timeline.ts';

/** Keys that the payer activates. Left as they are: those of resources, and what the announcement's people carry besides. */
const TAG_KEYS = ['team', 'project', 'cost-center', 'environment', 'tenant'].map((key) => `iamPrincipal/${key}`);

const PRODUCT_LINES: Readonly<Record<string, readonly string[]>> = {
  'Customer care': ['support-chat', 'agent-assist'],
  'Shop search': ['docs-search', 'catalog-enrichment', 'embeddings-indexer'],
  Payments: ['contract-review', 'fraud-notes'],
  Partners: ['tenant-assistant'],
  Engineering: ['coding-assistant', 'ci-reviewer', 'research-notebooks'],
};
/** Is shared by the lines that sell something. */
const SHARED_LINE = 'Engineering';

/**
 * Makes everything that takes usage to be there: cost allocation tags with a backfill, a cost category with a split charge,
 * what tags are required, who belongs where, what the business counts, notes on days, budgets, anomaly detection, charges,
 * statements, and the rights of those who look at the console. Call once, on a server that has been started on the
 * foundation's folder; waits until the history has arrived.
 */
export async function furnishDemo(admin: ClientConfig, foundation: DemoFoundation): Promise<void> {
  await historyArrived(admin, foundation);
  const firstMonth = new Date(billingPeriodStartMs(billingPeriodOf(foundation.startMs)));
  await activateTags(admin, firstMonth, TAG_KEYS);
  await defineProductLines(admin, firstMonth);
  await requireTags(admin);
  await importOrgChart(admin, foundation);
  await countBusiness(admin, foundation);
  await noteDays(admin, foundation.nowMs);
  await bookCharges(admin);
  await chargeTeams(admin, foundation.nowMs);
  await controlSpend(admin, foundation);
  await letIntoConsole(admin);
}

async function defineProductLines(admin: ClientConfig, firstMonth: Date): Promise<void> {
  const ce = new CostExplorerClient(admin);
  const Rules = Object.entries(PRODUCT_LINES).map(
    ([Value, projects]): CostCategoryRule => ({
      ...{ Type: 'REGULAR', Value },
      Rule: { Tags: { Key: 'iamPrincipal/project', Values: [...projects], MatchOptions: ['EQUALS'] } },
    }),
  );
  const Targets = Object.keys(PRODUCT_LINES).filter((line) => line !== SHARED_LINE);
  await ce.send(
    new CreateCostCategoryDefinitionCommand({
      ...{ Name: 'Product line', RuleVersion: 'CostCategoryExpression.v1', DefaultValue: 'Unassigned', Rules },
      EffectiveStart: isoSeconds(firstMonth.getTime()),
      SplitChargeRules: [{ Source: SHARED_LINE, Targets, Method: 'PROPORTIONAL' }],
    }),
  );
  ce.destroy();
}

async function requireTags(admin: ClientConfig): Promise<void> {
  const RequiredTags = [
    { TagKey: 'iamPrincipal/team', AllowedValues: Object.keys(COST_CENTERS), Description: 'as on the intranet' },
    { TagKey: 'iamPrincipal/cost-center', AllowedValues: Object.values(COST_CENTERS) },
    { TagKey: 'iamPrincipal/project' },
  ];
  await tallylineOf(admin).call('PutTagStrategy', { RequiredTags });
}

/** What people would have written beside the chart. Of the job that ran away nobody has noticed yet. */
async function noteDays(admin: ClientConfig, nowMs: number): Promise<void> {
  const notes = [
    [PRICE_RISE_DAYS, 'New GPU lease: Llama 3.3 70B costs 0.98 USD per million tokens'],
    [OUTAGE_DAYS, 'Claude Sonnet 4.6 was throttled in the afternoon'],
    [ADOPTION_DAYS, 'Claude Opus 4.8 is open to the data scientists'],
  ] as const;
  for (const [daysAgo, Text] of notes) {
    await tallylineOf(admin).call('PutAnnotation', { StartDate: dayText(nowMs, daysAgo), Text, Shared: true });
  }
}

async function bookCharges(admin: ClientConfig): Promise<void> {
  const client = tallylineOf(admin);
  const support = { Type: 'Fee', AmountUsd: '180', Description: 'Support plan' };
  const refund = { Type: 'Refund', AmountUsd: '42.50', Description: 'For the afternoon on which calls were throttled' };
  for (const charge of [support, refund]) await client.call('CreateCharge', charge);
}

async function letIntoConsole(admin: ClientConfig): Promise<void> {
  const iam = new IAMClient(admin);
  for (const { userName, policy } of Object.values(CONSOLE_USERS)) {
    const PolicyArn = `arn:aws:iam::aws:policy/${policy}`;
    await iam.send(new AttachUserPolicyCommand({ UserName: userName, PolicyArn }));
  }
  iam.destroy();
}
