import { expect, vi } from 'vitest';
import { FEDERATED } from '../../examples/demo/announcement.ts';
import { activateTags, deliverExport } from '../../examples/demo/billing.ts';
import { type ClientConfig, converse } from '../../examples/demo/organisation.ts';
import type { TestServer } from '../server.ts';
import { type DeliveredRow, deliveredRows, monthStart } from './delivered-rows.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';

const ROLE = 'arn:aws:sts::123456789012:assumed-role/Role-1/';
const DATA_SCIENCE = { 'iamPrincipal/team': 'data-science', 'iamPrincipal/cost-center': '12345' };
const ENGINEERING = { 'iamPrincipal/team': 'engineering', 'iamPrincipal/cost-center': '67890' };

/**
 * Table of scenario 3 of AWS's announcement (2026-04-17): two people who share one role. The announcement rounds to three
 * decimals: 0.283, 0.990, 0.165, 0.264. The exact cost is quantity x regional price by hand: 51,500 x 5.50/1M, ...
 */
export const SCENARIO_3: readonly DeliveredRow[] = [
  [`${ROLE}user-1@acme.org`, 'USE1-Claude4.6Opus-input-tokens', '0.2833', 0.28325, DATA_SCIENCE],
  [`${ROLE}user-1@acme.org`, 'USE1-Claude4.6Opus-output-tokens', '0.9900', 0.99, DATA_SCIENCE],
  [`${ROLE}user-2@acme.org`, 'USE1-Claude4.6Sonnet-input-tokens', '0.1650', 0.165, ENGINEERING],
  [`${ROLE}user-2@acme.org`, 'USE1-Claude4.6Sonnet-output-tokens', '0.2640', 0.264, ENGINEERING],
];

/**
 * Makes the calls of scenario 3 on a server without other usage, each person's with the session that `signIn` gets for
 * them, and answers the rows that are then delivered.
 */
export async function billScenario3(
  server: TestServer,
  signIn: (person: (typeof FEDERATED.people)[number]) => Promise<ClientConfig>,
): Promise<DeliveredRow[]> {
  for (const person of FEDERATED.people) await converse(await signIn(person), person.calls);
  const calls = FEDERATED.people.flatMap((person) => person.calls).length;
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(calls), ARRIVAL);
  await activateTags(server.admin, monthStart(), ['iamPrincipal/team', 'iamPrincipal/cost-center']);
  await deliverExport(server.admin);
  return deliveredRows(server);
}
