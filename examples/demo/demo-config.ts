import { BEDROCK_ROLE_ARN, BEDROCK_UPSTREAM } from './bedrock-part.ts';
import { ACCOUNT_TAGS, PAYER, SANDBOX_ACCOUNT, TENANT_ACCOUNT } from './company.ts';
import { dayText, PRICE_RISE_DAYS } from './timeline.ts';
import { MODELS } from './workload.ts';

/** Configuration of a server with the demo's organisation. `caFile`: certificate of the demo's identity provider, if it runs. */
export function demoConfig({ nowMs, caFile }: { readonly nowMs: number; readonly caFile?: string }): object {
  // The model runs on machines of their own; since then a token costs more than on the price list.
  const own = { modelId: MODELS.llama, usdPerMillionTokens: '0.98', effectiveFrom: dayText(nowMs, PRICE_RISE_DAYS) };
  const note = 'new GPU lease over the tokens served';
  const tenants = { id: TENANT_ACCOUNT, tags: Object.fromEntries(ACCOUNT_TAGS[TENANT_ACCOUNT]!) };
  return {
    account: { id: PAYER, name: 'Example Retail' },
    organization: {
      organizationalUnits: [{ path: 'Workloads' }, { path: 'Sandbox' }],
      accounts: [
        { ...tenants, name: 'tenant-gateway', email: 'aws-tenants@example.com', ou: 'Workloads' },
        { id: SANDBOX_ACCOUNT, name: 'attribution-sandbox', email: 'aws-sandbox@example.com', ou: 'Sandbox' },
      ],
    },
    costExplorer: { extensions: true },
    prices: [
      { ...own, meter: 'input', note },
      { ...own, meter: 'output', note },
    ],
    // The first one that serves every model is called.
    upstreams: [
      { name: 'simulated', type: 'simulated' },
      { name: BEDROCK_UPSTREAM, type: 'bedrock', session: { role: BEDROCK_ROLE_ARN } },
    ],
    billing: { closeAfterDays: 2 },
    logLevel: 'error',
    ...(caFile !== undefined && { federation: { caFile } }),
  };
}
