import { setTimeout as wait } from 'node:timers/promises';
import {
  BudgetsClient,
  CreateBudgetActionCommand,
  CreateBudgetCommand,
  DescribeBudgetActionHistoriesCommand,
  DescribeBudgetCommand,
} from '@aws-sdk/client-budgets';
import { IAMClient, ListAttachedUserPoliciesCommand } from '@aws-sdk/client-iam';
import { afterAll, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from '../wire/inference-calls.ts';
import { ARRIVAL, billedCalls } from '../wire/ledger.ts';
import { ACCOUNT, allow, INVOKE, newRole, newUser } from '../wire/principals.ts';

const POLICY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const NAMED = { AccountId: ACCOUNT, BudgetName: 'team' };
const config = { budgets: { refreshSeconds: 1 } };

afterAll(removeFolders);

async function ask<Answer>(server: TestServer, question: (client: BudgetsClient) => Promise<Answer>): Promise<Answer> {
  const client = new BudgetsClient(server.admin);
  try {
    return await question(client);
  } finally {
    client.destroy();
  }
}

/** States of an action, the oldest first. */
function states(server: TestServer, ActionId: string): Promise<(string | undefined)[]> {
  return ask(server, async (client) => {
    const command = new DescribeBudgetActionHistoriesCommand({ ...NAMED, ActionId });
    return (await client.send(command)).ActionHistories!.map(({ Status }) => Status).reverse();
  });
}

it('carries out a budget action once, wherever the process is killed', async () => {
  let server = await startServer({ config });
  const caller = await newUser(server.admin, 'ann', { statements: [INVOKE] });
  await spend(caller, [{ modelId: 'anthropic.claude-sonnet-4-6', inputTokens: 1_000_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
  const trust = { Effect: 'Allow', Principal: { Service: 'budgets.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const role = await newRole(server.admin, 'Acting', { trust: [trust], statements: [allow('iam:AttachUserPolicy')] });
  const limit = { BudgetLimit: { Amount: '1', Unit: 'USD' } };
  const Budget = { BudgetName: 'team', BudgetType: 'COST' as const, TimeUnit: 'MONTHLY' as const, ...limit };
  await ask(server, (client) => client.send(new CreateBudgetCommand({ AccountId: ACCOUNT, Budget })));
  const actual = async () => {
    const answer = await ask(server, (client) => client.send(new DescribeBudgetCommand(NAMED)));
    return answer.Budget!.CalculatedSpend!.ActualSpend!.Amount;
  };
  await expect.poll(actual, ARRIVAL).toBe('3.3');

  // The limit is exceeded: each action is set off as soon as it is there, and the process killed around that.
  const actions = new Map<string, string>();
  for (const [user, delayMs] of [
    ['bob', 0],
    ['eve', 25],
  ] as const) {
    await newUser(server.admin, user);
    const { ActionId } = await ask(server, (client) =>
      client.send(
        new CreateBudgetActionCommand({
          ...NAMED,
          NotificationType: 'ACTUAL',
          ActionType: 'APPLY_IAM_POLICY',
          ActionThreshold: { ActionThresholdValue: 100, ActionThresholdType: 'PERCENTAGE' },
          Definition: { IamActionDefinition: { PolicyArn: POLICY, Users: [user] } },
          ExecutionRoleArn: role,
          ApprovalModel: 'AUTOMATIC',
          Subscribers: [{ SubscriptionType: 'EMAIL', Address: `${user}@acme.example` }],
        }),
      ),
    );
    actions.set(user, ActionId!);
    await wait(delayMs);
    await server.kill();
    server = await startServer({ config, data: server.data });
  }

  const iam = new IAMClient(server.admin);
  for (const [user, id] of actions) {
    await expect
      .poll(() => states(server, id), ARRIVAL)
      .toEqual(['STANDBY', 'EXECUTION_IN_PROGRESS', 'EXECUTION_SUCCESS']);
    const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName: user }));
    expect(AttachedPolicies!.map(({ PolicyArn }) => PolicyArn)).toEqual([POLICY]);
  }
  iam.destroy();
  const tallyline = new TallylineClient(readProfile(server.data, {}), () => Date.now());
  const { Notices } = await tallyline.call<{ Notices: { Address: string }[] }>('ListNotices', {});
  expect(Notices.map(({ Address }) => Address).sort()).toEqual(['bob@acme.example', 'eve@acme.example']);
  expect(await server.stop()).toBe(0);
}, 120_000);
