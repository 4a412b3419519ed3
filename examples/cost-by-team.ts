// This month's spend by team, from Cost Explorer. The first run activates the cost allocation tag, with a backfill to the
// start of the month. Run as the administrator, after calls of principals or sessions that carry the tag `team`:
//
//   eval "$(npx tallyline env)"
//   npx node examples/cost-by-team.ts
import {
  CostExplorerClient,
  GetCostAndUsageCommand,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';

const TAG_KEY = 'iamPrincipal/team';

const costExplorer = new CostExplorerClient({});
const now = new Date();
const monthStart = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
const monthEnd = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1));

await activate();
const { ResultsByTime: months } = await costExplorer.send(
  new GetCostAndUsageCommand({
    TimePeriod: { Start: day(monthStart), End: day(monthEnd) },
    Granularity: 'MONTHLY',
    Metrics: ['UnblendedCost'],
    GroupBy: [{ Type: 'TAG', Key: TAG_KEY }],
  }),
);
for (const { Keys: keys, Metrics: metrics } of months?.[0]?.Groups ?? []) {
  const team = keys?.[0]?.slice(`${TAG_KEY}$`.length) || '(untagged)';
  console.log(`${team.padEnd(20)} USD ${metrics?.UnblendedCost?.Amount}`);
}

/** A key is known once usage carries it, which takes about a second from the call. */
async function activate(): Promise<void> {
  const { CostAllocationTags: known } = await costExplorer.send(
    new ListCostAllocationTagsCommand({ TagKeys: [TAG_KEY] }),
  );
  if (!known?.[0]) throw new Error(`no usage carries the tag ${TAG_KEY} yet`);
  if (known[0].Status === 'Active') return;
  await costExplorer.send(
    new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus: [{ TagKey: TAG_KEY, Status: 'Active' }] }),
  );
  await costExplorer.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom: `${day(monthStart)}T00:00:00Z` }));
}

function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}
