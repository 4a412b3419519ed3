import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  type ActionStatus,
  BudgetsClient,
  CreateBudgetActionCommand,
  type CreateBudgetActionCommandInput,
  CreateBudgetCommand,
  DeleteBudgetActionCommand,
  DescribeBudgetActionCommand,
  DescribeBudgetActionHistoriesCommand,
  DescribeBudgetActionsForAccountCommand,
  DescribeBudgetActionsForBudgetCommand,
  DescribeBudgetPerformanceHistoryCommand,
  ExecuteBudgetActionCommand,
  type ExecutionType,
  UpdateBudgetActionCommand,
} from '@aws-sdk/client-budgets';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import {
  CostExplorerClient,
  ListCostAllocationTagsCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import {
  CreateGroupCommand,
  CreatePolicyCommand,
  IAMClient,
  ListAttachedGroupPoliciesCommand,
  ListAttachedRolePoliciesCommand,
  ListAttachedUserPoliciesCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { EnablePolicyTypeCommand, ListPoliciesForTargetCommand } from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { newAccount, newServiceControlPolicy, rootId, withOrganizations } from './organization.ts';
import { ACCOUNT, allow, assumed, deny, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';
import { WebhookReceiver } from './webhook-receiver.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const TEAM = 'iamPrincipal/team';
const TOPIC = `arn:aws:sns:us-east-1:${ACCOUNT}:spend`;
const SERVICE_TRUST = { Effect: 'Allow', Principal: { Service: 'budgets.amazonaws.com' }, Action: 'sts:AssumeRole' };
/** 3.30 USD each. */
const CALL = { modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 };

let server: TestServer;
let receiver: WebhookReceiver;
let budgets: BudgetsClient;
let iam: IAMClient;
let denyArn: string;
let executionRole: string;

beforeAll(async () => {
  receiver = await WebhookReceiver.start();
  server = await startServer({ config: { budgets: { refreshSeconds: 1 }, notices: receiver.config(TOPIC) } });
  budgets = new BudgetsClient(server.admin);
  iam = new IAMClient(server.admin);
  const { Policy } = await iam.send(
    new CreatePolicyCommand({ PolicyName: 'NoBedrock', PolicyDocument: policyOf(deny('bedrock:Invoke*')) }),
  );
  denyArn = Policy!.Arn!;
  executionRole = await newRole(server.admin, 'BudgetActions', {
    trust: [{ ...SERVICE_TRUST, Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } } }],
    statements: [allow(['iam:Attach*', 'iam:Detach*', 'organizations:*'])],
  });
});
afterAll(async () => {
  budgets?.destroy();
  iam?.destroy();
  receiver.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function budget(BudgetName: string, Amount: string, Values?: string[]): Promise<void> {
  const BudgetLimit = { Amount, Unit: 'USD' };
  const FilterExpression = Values && { Tags: { Key: TEAM, Values, MatchOptions: ['EQUALS' as const] } };
  await budgets.send(
    new CreateBudgetCommand({
      AccountId: ACCOUNT,
      Budget: { BudgetName, BudgetType: 'COST', TimeUnit: 'MONTHLY', BudgetLimit, FilterExpression },
    }),
  );
}

function actionInput(
  BudgetName: string,
  rest: Partial<CreateBudgetActionCommandInput> = {},
): CreateBudgetActionCommandInput {
  return {
    AccountId: ACCOUNT,
    BudgetName,
    NotificationType: 'ACTUAL',
    ActionType: 'APPLY_IAM_POLICY',
    ActionThreshold: { ActionThresholdValue: 100, ActionThresholdType: 'PERCENTAGE' },
    Definition: { IamActionDefinition: { PolicyArn: denyArn, Roles: ['TeamDs'] } },
    ExecutionRoleArn: executionRole,
    ApprovalModel: 'AUTOMATIC',
    Subscribers: [{ SubscriptionType: 'SNS', Address: TOPIC }],
    ...rest,
  };
}

async function action(BudgetName: string, rest: Partial<CreateBudgetActionCommandInput> = {}): Promise<string> {
  return (await budgets.send(new CreateBudgetActionCommand(actionInput(BudgetName, rest)))).ActionId!;
}

async function execute(BudgetName: string, ActionId: string, ExecutionType: ExecutionType): Promise<void> {
  const command = new ExecuteBudgetActionCommand({ AccountId: ACCOUNT, BudgetName, ActionId, ExecutionType });
  expect(await budgets.send(command)).toMatchObject({ AccountId: ACCOUNT, BudgetName, ActionId, ExecutionType });
}

async function status(BudgetName: string, ActionId: string): Promise<ActionStatus | undefined> {
  const { Action } = await budgets.send(new DescribeBudgetActionCommand({ AccountId: ACCOUNT, BudgetName, ActionId }));
  return Action!.Status;
}

function becomes(BudgetName: string, ActionId: string, expected: ActionStatus): Promise<void> {
  return expect.poll(() => status(BudgetName, ActionId), ARRIVAL).toBe(expected);
}

/** `status type: message` of every event, the oldest first. */
async function history(BudgetName: string, ActionId: string): Promise<string[]> {
  const events: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await budgets.send(
      new DescribeBudgetActionHistoriesCommand({ AccountId: ACCOUNT, BudgetName, ActionId, MaxResults: 3, NextToken }),
    );
    events.push(...page.ActionHistories!.map(({ Status, EventType }) => `${EventType} ${Status}`));
    NextToken = page.NextToken;
  } while (NextToken);
  return events.reverse();
}

async function fault(answer: Promise<unknown>): Promise<[string, string]> {
  return answer.then(
    () => ['none', ''],
    (error: Error) => [error.name, error.message],
  );
}

async function converse(caller: ClientConfig): Promise<[string, string]> {
  const bedrock = new BedrockRuntimeClient(caller);
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  const answer = await fault(bedrock.send(new ConverseCommand({ modelId: SONNET, messages })));
  bedrock.destroy();
  return answer;
}

it('an automatic action denies a role from the call after the limit on, and lets it through again when reversed', async () => {
  const roleArn = await newRole(server.admin, 'TeamDs', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)],
    statements: [INVOKE],
    tags: { team: 'ds' },
  });
  const caller = await newUser(server.admin, 'runner', { statements: [allow('sts:AssumeRole')] });
  const session = await assumed(caller, roleArn, 'nightly');
  await spend(session, [CALL]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
  const ce = new CostExplorerClient(server.admin);
  await ce.send(new ListCostAllocationTagsCommand({}));
  const CostAllocationTagsStatus = [{ TagKey: TEAM, Status: 'Active' as const }];
  await ce.send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
  ce.destroy();

  await budget('ds', '6', ['ds']);
  const id = await action('ds');
  expect(await status('ds', id)).toBe('STANDBY');
  // Usage counts from the activation of the tag on: the second call brings 3.30 USD, the third trips the action.
  let calls = 1;
  await expect
    .poll(async () => {
      if (calls < 3) {
        await spend(session, [CALL]);
        calls += 1;
      }
      return status('ds', id);
    }, ARRIVAL)
    .toBe('EXECUTION_SUCCESS');
  expect(calls).toBe(3);

  const [code, message] = await converse(session);
  expect(code).toBe('AccessDeniedException');
  expect(message).toBe(
    `User: arn:aws:sts::${ACCOUNT}:assumed-role/TeamDs/nightly is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/${SONNET} with an explicit deny in an identity-based policy`,
  );
  const posted = () =>
    receiver.posts.flatMap(({ facts }) => (facts.budgetName === 'ds' && facts.actionId === id ? [facts.status] : []));
  await expect.poll(posted, ARRIVAL).toEqual(['EXECUTION_SUCCESS']);

  await execute('ds', id, 'REVERSE_BUDGET_ACTION');
  await becomes('ds', id, 'REVERSE_SUCCESS');
  expect(await converse(session)).toEqual(['none', '']);
  // Armed again it is set off at once: the budget is still over its limit.
  await execute('ds', id, 'RESET_BUDGET_ACTION');
  await becomes('ds', id, 'EXECUTION_SUCCESS');
  expect((await converse(session))[0]).toBe('AccessDeniedException');
  expect(await history('ds', id)).toEqual([
    'CREATE_ACTION STANDBY',
    'SYSTEM EXECUTION_IN_PROGRESS',
    'SYSTEM EXECUTION_SUCCESS',
    'EXECUTE_ACTION REVERSE_IN_PROGRESS',
    'SYSTEM REVERSE_SUCCESS',
    'EXECUTE_ACTION RESET_IN_PROGRESS',
    'SYSTEM STANDBY',
    'SYSTEM EXECUTION_IN_PROGRESS',
    'SYSTEM EXECUTION_SUCCESS',
  ]);

  const trail = new CloudTrailClient(server.admin);
  const { Events } = await trail.send(
    new LookupEventsCommand({
      LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'AttachRolePolicy' }],
    }),
  );
  trail.destroy();
  expect(JSON.parse(Events![0]!.CloudTrailEvent!)).toMatchObject({
    eventSource: 'iam.amazonaws.com',
    sourceIPAddress: 'budgets.amazonaws.com',
    userIdentity: { type: 'AssumedRole', invokedBy: 'budgets.amazonaws.com' },
    requestParameters: { roleName: 'TeamDs', policyArn: denyArn },
  });
  // A role that is attached to stays so when the action is gone.
  await execute('ds', id, 'REVERSE_BUDGET_ACTION');
  await becomes('ds', id, 'REVERSE_SUCCESS');
});

describe('a manual action', () => {
  it('waits for approval, then attaches to users and groups what was not attached yet', async () => {
    await newUser(server.admin, 'ann', { path: '/ds/' });
    await iam.send(new CreateGroupCommand({ GroupName: 'team' }));
    await budget('manual', '1');
    const Definition = { IamActionDefinition: { PolicyArn: denyArn, Users: ['ds/ann'], Groups: ['team'] } };
    const id = await action('manual', { ApprovalModel: 'MANUAL', Definition });
    await becomes('manual', id, 'PENDING');
    await expect
      .poll(() => receiver.posts.filter(({ facts }) => facts.actionId === id).map(({ subject }) => subject), ARRIVAL)
      .toEqual(['AWS Budgets: an action of manual waits for your approval']);
    const attached = async () => [
      (await iam.send(new ListAttachedUserPoliciesCommand({ UserName: 'ann' }))).AttachedPolicies!.length,
      (await iam.send(new ListAttachedGroupPoliciesCommand({ GroupName: 'team' }))).AttachedPolicies!.length,
    ];
    expect(await attached()).toEqual([0, 0]);
    const retry = fault(execute('manual', id, 'RETRY_BUDGET_ACTION'));
    expect((await retry)[0]).toBe('InvalidParameterException');
    await execute('manual', id, 'APPROVE_BUDGET_ACTION');
    await becomes('manual', id, 'EXECUTION_SUCCESS');
    expect(await attached()).toEqual([1, 1]);
    await execute('manual', id, 'REVERSE_BUDGET_ACTION');
    await becomes('manual', id, 'REVERSE_SUCCESS');
    expect(await attached()).toEqual([0, 0]);
  });
});

describe('an action that cannot be carried out', () => {
  it('does what it can, says what failed, and does the rest when it is tried again', async () => {
    await budget('failing', '1');
    await newRole(server.admin, 'There', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)] });
    const Definition = { IamActionDefinition: { PolicyArn: denyArn, Roles: ['There', 'Missing'] } };
    const id = await action('failing', { Definition });
    await becomes('failing', id, 'EXECUTION_FAILURE');
    const { ActionHistories } = await budgets.send(
      new DescribeBudgetActionHistoriesCommand({ AccountId: ACCOUNT, BudgetName: 'failing', ActionId: id }),
    );
    expect(ActionHistories![0]!.ActionHistoryDetails!.Message).toBe(
      `1 of 2 policies were attached. ${denyArn} at the role Missing: The role with name Missing cannot be found.`,
    );
    await newRole(server.admin, 'Missing', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)] });
    await execute('failing', id, 'RETRY_BUDGET_ACTION');
    await becomes('failing', id, 'EXECUTION_SUCCESS');
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'Missing' }));
    expect(AttachedPolicies).toHaveLength(1);
  });

  it('says of a hundred failures the first ten, and how many there are', async () => {
    await budget('many', '1');
    const Roles = Array.from({ length: 100 }, (_, index) => `Gone${String(index).padStart(2, '0')}`);
    const id = await action('many', { Definition: { IamActionDefinition: { PolicyArn: denyArn, Roles } } });
    await becomes('many', id, 'EXECUTION_FAILURE');
    const { ActionHistories } = await budgets.send(
      new DescribeBudgetActionHistoriesCommand({ AccountId: ACCOUNT, BudgetName: 'many', ActionId: id }),
    );
    const message = ActionHistories![0]!.ActionHistoryDetails!.Message!;
    expect(message).toContain('Gone09 cannot be found. 90 more failed.');
    expect(message).not.toContain('Gone10');
    const told = () => receiver.posts.find(({ subject }) => subject.includes('action of many could not'))?.text;
    await vi.waitFor(() => expect(told()).toContain('Policies: 100 in all'), ARRIVAL);
  });

  it('has the permissions of its role, and needs its trust', async () => {
    const weak = await newRole(server.admin, 'Weak', { trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)] });
    await budget('weak', '1');
    const id = await action('weak', {
      ExecutionRoleArn: weak,
      Definition: { IamActionDefinition: { PolicyArn: denyArn, Roles: ['There'] } },
    });
    const lastMessage = async () => {
      const { ActionHistories } = await budgets.send(
        new DescribeBudgetActionHistoriesCommand({ AccountId: ACCOUNT, BudgetName: 'weak', ActionId: id }),
      );
      return ActionHistories![0]!.ActionHistoryDetails!.Message;
    };
    await becomes('weak', id, 'EXECUTION_FAILURE');
    expect(await lastMessage()).toContain('does not let budgets.amazonaws.com assume it');
    const PolicyDocument = policyOf(SERVICE_TRUST);
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Weak', PolicyDocument }));
    await execute('weak', id, 'RETRY_BUDGET_ACTION');
    await expect
      .poll(lastMessage, ARRIVAL)
      .toContain(
        `assumed-role/Weak/BudgetAction-${id} is not authorized to perform: iam:AttachRolePolicy on resource: arn:aws:iam::${ACCOUNT}:role/There because no identity-based policy allows`,
      );
  });
});

it('an action of the payer attaches service control policies to accounts', async () => {
  const accountId = await newAccount(server.admin, 'limited');
  await withOrganizations(server.admin, async (client) => {
    const PolicyType = 'SERVICE_CONTROL_POLICY' as const;
    await client.send(new EnablePolicyTypeCommand({ RootId: await rootId(server.admin), PolicyType })).catch(() => {});
  });
  const policyId = await newServiceControlPolicy(server.admin, 'stop', deny('bedrock:*'));
  await budget('scp', '1');
  const ScpActionDefinition = { PolicyId: policyId, TargetIds: [accountId] };
  const id = await action('scp', { ActionType: 'APPLY_SCP_POLICY', Definition: { ScpActionDefinition } });
  await becomes('scp', id, 'EXECUTION_SUCCESS');
  const attached = () =>
    withOrganizations(server.admin, async (client) => {
      const Filter = 'SERVICE_CONTROL_POLICY' as const;
      const { Policies } = await client.send(new ListPoliciesForTargetCommand({ TargetId: accountId, Filter }));
      return Policies!.map(({ Name }) => Name);
    });
  expect(await attached()).toContain('stop');
  await execute('scp', id, 'REVERSE_BUDGET_ACTION');
  await becomes('scp', id, 'REVERSE_SUCCESS');
  expect(await attached()).not.toContain('stop');
});

describe('actions', () => {
  it('are described, updated and deleted', async () => {
    await budget('kept', '1000');
    const id = await action('kept');
    const named = { AccountId: ACCOUNT, BudgetName: 'kept', ActionId: id };
    const { Actions } = await budgets.send(
      new DescribeBudgetActionsForBudgetCommand({ AccountId: ACCOUNT, BudgetName: 'kept' }),
    );
    const [wire] = Actions!;
    expect(wire).toEqual({
      ActionId: id,
      BudgetName: 'kept',
      NotificationType: 'ACTUAL',
      ActionType: 'APPLY_IAM_POLICY',
      ActionThreshold: { ActionThresholdValue: 100, ActionThresholdType: 'PERCENTAGE' },
      Definition: { IamActionDefinition: { PolicyArn: denyArn, Roles: ['TeamDs'] } },
      ExecutionRoleArn: executionRole,
      ApprovalModel: 'AUTOMATIC',
      Status: 'STANDBY',
      Subscribers: [{ SubscriptionType: 'SNS', Address: TOPIC }],
    });
    const ActionThreshold = { ActionThresholdValue: 90.5, ActionThresholdType: 'ABSOLUTE_VALUE' as const };
    const updated = await budgets.send(new UpdateBudgetActionCommand({ ...named, ActionThreshold }));
    expect(updated.OldAction).toEqual(wire);
    expect(updated.NewAction).toEqual({ ...wire, ActionThreshold });
    const all: (string | undefined)[] = [];
    let NextToken: string | undefined;
    do {
      const page = await budgets.send(
        new DescribeBudgetActionsForAccountCommand({ AccountId: ACCOUNT, MaxResults: 2, NextToken }),
      );
      all.push(...page.Actions!.map(({ ActionId }) => ActionId));
      NextToken = page.NextToken;
    } while (NextToken);
    expect(new Set(all).size).toBe(all.length);
    expect(all).toContain(id);
    const deleted = await budgets.send(new DeleteBudgetActionCommand(named));
    expect(deleted.Action).toMatchObject({ ActionId: id, ActionThreshold });
    expect((await fault(status('kept', id)))[0]).toBe('NotFoundException');
  });

  it.each<[string, Partial<CreateBudgetActionCommandInput>, string]>([
    ['documents of SSM', { ActionType: 'RUN_SSM_DOCUMENTS' }, 'RUN_SSM_DOCUMENTS are not supported'],
    ['no target', { Definition: { IamActionDefinition: { PolicyArn: 'arn:aws:iam::aws:policy/X' } } }, 'needs Users'],
    ['another definition', { ActionType: 'APPLY_SCP_POLICY' }, 'need ScpActionDefinition'],
    ['a role that is not there', { ExecutionRoleArn: `arn:aws:iam::${ACCOUNT}:role/Nobody` }, 'does not exist'],
  ])('are refused with %s', async (_, part, sentence) => {
    await budget('refusing', '1000').catch(() => {});
    const [code, message] = await fault(action('refusing', part));
    expect(code).toBe('InvalidParameterException');
    expect(message).toContain(sentence);
  });

  it('need the permission to pass their role', async () => {
    const statements = [allow('budgets:*')];
    const client = new BudgetsClient(await newUser(server.admin, 'planner', { statements }));
    await budget('passing', '1000');
    const made = { AccountId: ACCOUNT, BudgetName: 'passing', ActionId: await action('passing') };
    const PolicyArn = `arn:aws:iam::${ACCOUNT}:policy/Other`;
    const Definition = { IamActionDefinition: { PolicyArn, Users: ['planner'] } };
    for (const attempt of [
      client.send(new CreateBudgetActionCommand(actionInput('passing'))),
      client.send(new UpdateBudgetActionCommand({ ...made, Definition })),
      client.send(new UpdateBudgetActionCommand({ ...made, ExecutionRoleArn: executionRole })),
    ]) {
      const [code, message] = await fault(attempt);
      expect(code).toBe('AccessDeniedException');
      expect(message).toContain(`is not authorized to perform: iam:PassRole on resource: ${executionRole}`);
    }
    client.destroy();
  });
});

it('a budget has a history of what was budgeted and what was spent', async () => {
  await budget('history', '50');
  const command = new DescribeBudgetPerformanceHistoryCommand({ AccountId: ACCOUNT, BudgetName: 'history' });
  const { BudgetPerformanceHistory } = await budgets.send(command);
  expect(BudgetPerformanceHistory).toMatchObject({ BudgetName: 'history', BudgetType: 'COST', TimeUnit: 'MONTHLY' });
  const { BudgetedAndActualAmountsList: amounts } = BudgetPerformanceHistory!;
  expect(amounts).toHaveLength(1);
  expect(amounts![0]!.BudgetedAmount).toEqual({ Amount: '50.0', Unit: 'USD' });
  expect(Number(amounts![0]!.ActualAmount!.Amount)).toBeGreaterThanOrEqual(9.9);
});
