import { type AttributionGap, attributionGaps, type GapKind } from '../../reports/upstream-attribution.ts';
import type { TallylineClient } from '../client.ts';
import { type Column, formatTable } from '../table.ts';
import { billPrincipals } from './bill-principals.ts';

export interface CheckOptions {
  readonly period?: string;
  /** Files of one delivery of CUR 2.0. */
  readonly bill: readonly string[];
  readonly json?: boolean;
}

interface BilledCallsWire {
  readonly Upstream: string;
  readonly Principal: string;
  readonly BilledPrincipal: string;
  readonly IsGatewayPrincipal: boolean;
  readonly Requests: number;
  readonly Tokens: string;
}

const MEANING: Readonly<Record<GapKind, string>> = {
  'billed-to-gateway':
    'the bill names the gateway: see `session` of the upstream, and the log for sessions that failed',
  'shared-name': 'the bill has one name for several principals',
  'no-name': 'the upstream did not say whom its bill names',
  'not-in-bill': 'the bill does not have the name: it may be late, or end before the call',
  'not-in-ledger': 'no call here had the name: something calls past the gateway',
};

const COLUMNS: readonly Column[] = [
  { title: 'finding', align: 'left' },
  { title: 'principal', align: 'left' },
  { title: 'in the bill', align: 'left' },
  { title: 'upstream', align: 'left' },
  { title: 'requests', align: 'right' },
  { title: 'tokens', align: 'right' },
];

/** `tallyline sessions check`: every principal that an upstream's bill does not name. True when there is none. */
export async function checkSessions(
  client: TallylineClient,
  { period, bill, json }: CheckOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const { Calls, IsComplete } = await client.call<{ Calls: BilledCallsWire[]; IsComplete: boolean }>(
    'GetUpstreamAttribution',
    period === undefined ? {} : { BillingPeriod: period },
  );
  const calls = Calls.map((one) => ({
    upstream: one.Upstream,
    principalArn: one.Principal,
    billedArn: one.BilledPrincipal,
    isGatewayPrincipal: one.IsGatewayPrincipal,
    requests: one.Requests,
    tokens: BigInt(one.Tokens),
  }));
  const named = new Set<string>();
  for (const file of bill) for (const principal of await billPrincipals(file)) named.add(principal);
  const gaps = attributionGaps(calls, bill.length > 0 ? named : undefined);
  if (json) print(JSON.stringify(gaps.map(wireGap), null, 2));
  else {
    if (gaps.length > 0) print(formatTable(COLUMNS, gaps.map(rowOf)));
    for (const kind of new Set(gaps.map((gap) => gap.kind))) print(`${kind}: ${MEANING[kind]}`);
    const compared = bill.length > 0 ? 'the bill names' : 'the bills of upstreams should name';
    if (gaps.length === 0)
      print(`${compared} everybody who called: ${new Set(calls.map(({ principalArn }) => principalArn)).size}`);
    if (!IsComplete) print('there are more principals than were looked at: those with the fewest tokens are left out');
  }
  return gaps.length === 0;
}

function rowOf({ kind, principalArn, billedArn, upstream, requests, tokens }: AttributionGap): string[] {
  return [kind, principalArn || '-', billedArn || '-', upstream || '-', String(requests), String(tokens)];
}

function wireGap({ kind, principalArn, billedArn, upstream, requests, tokens }: AttributionGap): object {
  return {
    ...{ Kind: kind, Principal: principalArn, BilledPrincipal: billedArn, Upstream: upstream },
    ...{ Requests: requests, Tokens: String(tokens) },
  };
}
