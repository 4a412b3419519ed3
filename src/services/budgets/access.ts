import { budgetArn } from '../../budgets/budget.ts';
import { actionArn } from '../../budgets/budget-action.ts';
import type { AccessNeed, OperationCall } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import type { BudgetsParts, NamedBudget } from './budgets-parts.ts';

type Tags = readonly (readonly [string, string])[];

interface WireTag {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

/**
 * AWS has two permissions for budgets, notifications and subscribers (Service Authorization Reference, checked 2026-11).
 * The account in the ARN is the one that the request names, so another account's budgets are out of reach.
 */
export function budgetNeed(action: 'ViewBudget' | 'ModifyBudget', { registry }: BudgetsParts) {
  return ({ input }: OperationCall<NamedBudget>): readonly AccessNeed[] => {
    const named = { accountId: input.AccountId!, name: input.BudgetName ?? '*' };
    const tags = (input.BudgetName !== undefined && registry.find(named)?.budget.body.tags) || [];
    return [{ action: `budgets:${action}`, resource: budgetArn(named), context: resourceTagContext(new Map(tags)) }];
  };
}

/** The same for a budget that is about to be, with the tags it is to have. */
export function newBudgetNeeds(accountId: string, name: string, tags: readonly WireTag[] = []): readonly AccessNeed[] {
  const resource = budgetArn({ accountId, name });
  const context = requestTagContext(tagMap(tags));
  return [
    { action: 'budgets:ModifyBudget', resource, context },
    ...(tags.length > 0 ? [{ action: 'budgets:TagResource', resource, context }] : []),
  ];
}

/** A permission on one action of a budget, or on all (`*`). */
export function actionNeed(action: string, { registry }: BudgetsParts) {
  return ({ input }: OperationCall<NamedBudget & { readonly ActionId?: string | undefined }>): AccessNeed[] => {
    const named = { accountId: input.AccountId!, budgetName: input.BudgetName ?? '*', id: input.ActionId ?? '*' };
    const tags = (input.ActionId !== undefined && registry.action(named)?.body.tags) || [];
    return [{ action: `budgets:${action}`, resource: actionArn(named), context: resourceTagContext(new Map(tags)) }];
  };
}

export function taggingNeed(action: string, resource: string, tags: Tags, requested: readonly WireTag[]): AccessNeed[] {
  const context = new Map([...resourceTagContext(new Map(tags)), ...requestTagContext(tagMap(requested))]);
  return [{ action: `budgets:${action}`, resource, context }];
}

export function tagMap(tags: readonly WireTag[]): ReadonlyMap<string, string> {
  return new Map(tags.map(({ Key, Value = '' }) => [Key!, Value]));
}
