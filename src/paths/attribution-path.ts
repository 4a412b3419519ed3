import type { TagLedger } from '../allocation/tag-ledger.ts';
import type { Directory } from '../identity/directory.ts';
import { TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import { attributionFindings, type Finding, sortedFindings } from '../policy/attribution.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { principalAddresses } from '../reports/principal-addresses.ts';

export interface AttributionParts {
  readonly directory: Directory;
  readonly store: CostStore;
  readonly tags: TagLedger;
}

export interface AttributionRequest {
  readonly accountId: string;
  /** Account of who asks: the management account sees the principals of all, others their own. Absent: the operator. */
  readonly askedBy?: string;
  /** Absent: the whole account. */
  readonly roleName?: string | undefined;
  /** Absent: the keys that are active cost allocation tags. */
  readonly requiredTagKeys?: readonly string[] | undefined;
  readonly nowMs: number;
}

export interface AttributionReport {
  /** Worst first. */
  readonly findings: readonly Finding[];
  readonly requiredTagKeys: readonly string[];
  /** Principals that were not tried at a role because there were too many. */
  readonly candidatesLeftOut: number;
}

/**
 * The attribution path: directory, tags and usage > findings, step by step. After each step other requests have their
 * turn. A store that is down only takes the findings from usage away.
 */
export async function inspectAttribution(
  request: AttributionRequest,
  { directory, store, tags }: AttributionParts,
): Promise<AttributionReport> {
  const { accountId, askedBy, roleName, nowMs } = request;
  const seesAll = askedBy === undefined || directory.account(askedBy)?.isManagement === true;
  const requiredTagKeys = request.requiredTagKeys ?? activeKeys(tags);
  const addresses = roleName === undefined ? await principalAddresses(store, nowMs).catch(() => []) : [];
  const steps = attributionFindings(directory, {
    accountId,
    requiredTagKeys,
    nowMs,
    addresses,
    isSeen: (id) => seesAll || id === askedBy,
    ...(roleName !== undefined && { roleName }),
  });
  const findings: Finding[] = [];
  for (;;) {
    const step = steps.next();
    if (step.done) {
      return { findings: sortedFindings(findings), requiredTagKeys, candidatesLeftOut: step.value.candidatesLeftOut };
    }
    findings.push(...step.value);
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}

function activeKeys(tags: TagLedger): string[] {
  return tags
    .listed()
    .filter(({ key, status }) => status === 'Active' && key.startsWith(TAG_PREFIX.principal))
    .map(({ key }) => key.slice(TAG_PREFIX.principal.length));
}
