import type { TagLedger } from '../../src/allocation/tag-ledger.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { NO_TAGS } from '../../src/kernel/tags.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import type { CostStore } from '../../src/reports/cost-store.ts';
import { costExplorerOperations } from '../../src/services/cost-explorer.ts';
import { decodeInput } from '../../src/wire/decode.ts';
import { encodeOutput } from '../../src/wire/encode.ts';
import { route } from '../../src/wire/route.ts';
import { jsonRequest } from '../../src/wire/wire-request.fixture.ts';

const ACCOUNT = '111111111111';
const ARN = `arn:aws:iam::${ACCOUNT}:user/finops`;
const CALLER: Caller = {
  ...{ kind: 'user', arn: ARN, principalArn: ARN, accountId: ACCOUNT, userId: 'AIDA', principalId: 'AIDA' },
  ...{ userName: 'finops', accessKeyId: 'AKIA', tags: NO_TAGS },
};

/** GetCostAndUsage from the bytes of a request to the bytes of its answer, as the payer, with extensions. */
export function costAndUsage(
  store: CostStore,
  catalog: CostCatalog,
  nowMs: number,
): (input: object) => Promise<string | Uint8Array> {
  const { GetCostAndUsage } = costExplorerOperations({
    ...{
      store,
      costCatalog: () => catalog,
      managementAccountId: ACCOUNT,
      hasExtensions: true,
      isFinalPeriod: () => false,
      forecast: async () => undefined,
    },
    // No question here is about the ledger of tags itself.
    tags: undefined as unknown as TagLedger,
  });
  return async (input) => {
    const plain = jsonRequest('AWSInsightsIndexService.GetCostAndUsage', input);
    const request = { ...plain, headers: { ...plain.headers, 'x-tallyline-extensions': 'on' } };
    const routed = route(request);
    const call = { requestId: 'bench', caller: CALLER, region: 'us-east-1', nowMs, request };
    const output = await GetCostAndUsage!.run({ ...call, input: decodeInput(routed, request) });
    return encodeOutput(routed.operation, output, 'bench').body as string | Uint8Array;
  };
}
