import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { Installation, MANAGEMENT, MEMBER } from '../../test/identity/installation.ts';
import { NO_CATALOG } from '../../test/reports/report-store.ts';
import { BudgetRegistry } from '../budgets/budget-registry.ts';
import { put } from '../identity/directory-records.ts';
import type { OperationTable } from '../paths/operation-handler.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { budgetsOperations } from './budgets.ts';

const ROLE = `arn:aws:iam::${MANAGEMENT}:role/Acting`;
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** The operations over an installation with a budget `team` and the role `Acting`; nothing looks at the budget. */
async function service(accountId = MANAGEMENT) {
  const { installation } = await Installation.start();
  ends.push(() => installation.store.close());
  const { directory, store: records, nowMs } = installation;
  const registry = new BudgetRegistry(records);
  const operations: OperationTable = budgetsOperations({
    registry,
    directory,
    managementAccountId: MANAGEMENT,
    newId: randomUUID,
    onChange: () => {},
    store: {} as CostStore,
    costCatalog: () => NO_CATALOG,
  });
  const call = async <Answer = unknown>(operation: string, input: object): Promise<Answer> => {
    const named = { AccountId: accountId, BudgetName: 'team', ...input };
    // biome-ignore lint/suspicious/noExplicitAny: the handlers read no more of a call than this
    return (await operations[operation]!.run({ input: named, nowMs } as any)) as Answer;
  };
  await directory.write([
    put('role', {
      version: 0,
      accountId,
      id: 'AROAACTING',
      name: 'Acting',
      path: '/',
      createdAtMs: nowMs,
      maxSessionDurationSeconds: 3_600,
      trustPolicy: '{}',
      tags: new Map(),
      inlinePolicies: [],
      attachedPolicyArns: [],
    }),
  ]);
  const limit = { BudgetLimit: { Amount: '1', Unit: 'USD' } };
  await call('CreateBudget', { Budget: { BudgetName: 'team', BudgetType: 'COST', TimeUnit: 'MONTHLY', ...limit } });
  return { registry, call };
}

function action(rest: object = {}): object {
  return {
    NotificationType: 'ACTUAL',
    ActionType: 'APPLY_IAM_POLICY',
    ActionThreshold: { ActionThresholdValue: 100, ActionThresholdType: 'PERCENTAGE' },
    Definition: { IamActionDefinition: { PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess', Users: ['ann'] } },
    ExecutionRoleArn: ROLE,
    ApprovalModel: 'MANUAL',
    Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'fin@acme.example' }],
    ...rest,
  };
}

describe('budget actions', () => {
  it('are locked while they are carried out', async () => {
    const { registry, call } = await service();
    const { ActionId } = await call<{ ActionId: string }>('CreateBudgetAction', action());
    const stored = registry.action({ accountId: MANAGEMENT, budgetName: 'team', id: ActionId })!;
    const event = { atMs: 0, type: 'SYSTEM', message: '' } as const;
    await registry.write(registry.putAction(stored, { ...stored.body, status: 'EXECUTION_IN_PROGRESS' }, event));
    for (const [operation, input] of [
      ['UpdateBudgetAction', { ApprovalModel: 'AUTOMATIC' }],
      ['DeleteBudgetAction', {}],
      ['ExecuteBudgetAction', { ExecutionType: 'REVERSE_BUDGET_ACTION' }],
    ] as const) {
      await expect(call(operation, { ActionId, ...input })).rejects.toMatchObject({ code: 'ResourceLockedException' });
    }
  });

  it.each([
    ['STANDBY', []],
    ['PENDING', ['APPROVE_BUDGET_ACTION']],
    ['EXECUTION_SUCCESS', ['REVERSE_BUDGET_ACTION']],
    ['EXECUTION_FAILURE', ['RETRY_BUDGET_ACTION', 'REVERSE_BUDGET_ACTION']],
    ['REVERSE_SUCCESS', ['RESET_BUDGET_ACTION']],
    ['REVERSE_FAILURE', ['REVERSE_BUDGET_ACTION']],
    ['RESET_FAILURE', ['RESET_BUDGET_ACTION']],
  ] as const)('in status %s take %s', async (status, possible) => {
    const taken: string[] = [];
    for (const ExecutionType of ['APPROVE', 'RETRY', 'REVERSE', 'RESET'].map((verb) => `${verb}_BUDGET_ACTION`)) {
      const { registry, call } = await service();
      const { ActionId } = await call<{ ActionId: string }>('CreateBudgetAction', action());
      const stored = registry.action({ accountId: MANAGEMENT, budgetName: 'team', id: ActionId })!;
      await registry.write([registry.replaceAction(stored, { ...stored.body, status })]);
      const answer = call('ExecuteBudgetAction', { ActionId, ExecutionType });
      await answer.then(
        () => taken.push(ExecutionType),
        (error) => expect(error).toMatchObject({ code: 'InvalidParameterException' }),
      );
    }
    expect(taken).toEqual(possible);
  });

  it('are ten to a budget', async () => {
    const { call } = await service();
    for (let count = 0; count < 10; count += 1) await call('CreateBudgetAction', action());
    await expect(call('CreateBudgetAction', action())).rejects.toMatchObject({
      code: 'CreationLimitExceededException',
    });
  });

  it('have a definition of a bounded size, which each of a bounded number of events keeps', async () => {
    const { registry, call } = await service();
    const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    const names = (length: number) => Array.from({ length: 100 }, (_, index) => `${'n'.repeat(length)}${index}`);
    const of = (length: number) => ({
      Definition: { IamActionDefinition: { PolicyArn, Users: names(length), Groups: names(length) } },
    });
    await expect(call('CreateBudgetAction', action(of(100)))).rejects.toMatchObject({
      ...{ code: 'InvalidParameterException', message: 'Definition must have at most 20000 characters.' },
    });
    const { ActionId } = await call<{ ActionId: string }>('CreateBudgetAction', action(of(60)));
    await expect(call('UpdateBudgetAction', { ActionId, ...of(100) })).rejects.toMatchObject({
      code: 'InvalidParameterException',
    });
    for (let count = 0; count < 120; count += 1) {
      await call('UpdateBudgetAction', { ActionId, ApprovalModel: count % 2 === 0 ? 'AUTOMATIC' : 'MANUAL' });
    }
    expect(registry.events({ accountId: MANAGEMENT, budgetName: 'team', id: ActionId })).toHaveLength(100);
  });

  it('with service control policies are for the management account', async () => {
    const { call } = await service(MEMBER);
    const Definition = { ScpActionDefinition: { PolicyId: 'p-12345678', TargetIds: [MEMBER] } };
    const input = action({
      ActionType: 'APPLY_SCP_POLICY',
      Definition,
      ExecutionRoleArn: ROLE.replace(MANAGEMENT, MEMBER),
    });
    await expect(call('CreateBudgetAction', input)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  });
});

it('a member account has a thousand budgets', async () => {
  const { call } = await service(MEMBER);
  const create = (name: string) =>
    call('CreateBudget', {
      Budget: {
        ...{ BudgetName: name, BudgetType: 'COST', TimeUnit: 'MONTHLY' },
        BudgetLimit: { Amount: '1', Unit: 'USD' },
      },
    });
  for (let count = 1; count < 1_000; count += 1) await create(`budget ${count}`);
  await expect(create('one more')).rejects.toMatchObject({ code: 'CreationLimitExceededException' });
});

describe('UpdateBudget', () => {
  it('arms thresholds again when the budget is another one, and leaves them when it is the same', async () => {
    const { registry, call } = await service();
    const record = () => registry.find({ accountId: MANAGEMENT, name: 'team' })!;
    const spend = { periodStartMs: 0, actual: '5' };
    await registry.write([registry.replaceState(record(), { ...record().state.body, spend })]);
    const NewBudget = { BudgetName: 'team', BudgetType: 'COST', TimeUnit: 'MONTHLY' };
    await call('UpdateBudget', { NewBudget: { ...NewBudget, BudgetLimit: { Amount: '1.0', Unit: 'USD' } } });
    expect(record().state.body.spend).toEqual(spend);
    await call('UpdateBudget', { NewBudget: { ...NewBudget, BudgetLimit: { Amount: '2', Unit: 'USD' } } });
    expect(record().state.body.spend).toBeUndefined();
  });
});
