import { billingPeriodOf, billingPeriodStartMs } from '../../src/kernel/time.ts';
import { COST_CENTERS } from './company.ts';
import { tallylineOf } from './history-arrival.ts';
import type { ClientConfig } from './organisation.ts';

/** Statements for the teams, of the month that is over; what nobody has tagged is borne by all. */
export async function chargeTeams(admin: ClientConfig, nowMs: number): Promise<void> {
  const client = tallylineOf(admin);
  const Definition = {
    ...{ Name: 'Inference by team', Kind: 'chargeback', DebitAccount: '6400', CreditAccount: '2400' },
    Key: { Type: 'TAG', Key: 'iamPrincipal/team' },
    Values: Object.entries(COST_CENTERS).map(([Value, CostCenter]) => ({ Value, CostCenter })),
    SharedCosts: [{ Name: 'Untagged', Values: [''], Rule: 'cost' }],
  };
  const { StatementDefinition } = await client.call<{
    readonly StatementDefinition: { readonly DefinitionId: string };
  }>('CreateStatementDefinition', { Definition });
  const BillingPeriod = billingPeriodOf(billingPeriodStartMs(billingPeriodOf(nowMs)) - 1);
  await client.call('IssueStatements', { DefinitionId: StatementDefinition.DefinitionId, BillingPeriod });
}
