import { GetRoleCommand, IAMClient, ListAttachedRolePoliciesCommand } from '@aws-sdk/client-iam';
import {
  AttachPolicyCommand,
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  CreatePolicyCommand,
  DeleteOrganizationalUnitCommand,
  DeletePolicyCommand,
  DescribeAccountCommand,
  DescribeCreateAccountStatusCommand,
  DescribeOrganizationalUnitCommand,
  DescribeOrganizationCommand,
  DescribePolicyCommand,
  DetachPolicyCommand,
  DisablePolicyTypeCommand,
  EnablePolicyTypeCommand,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListChildrenCommand,
  ListCreateAccountStatusCommand,
  ListOrganizationalUnitsForParentCommand,
  ListParentsCommand,
  ListPoliciesCommand,
  ListPoliciesForTargetCommand,
  ListRootsCommand,
  ListTagsForResourceCommand,
  ListTargetsForPolicyCommand,
  MoveAccountCommand,
  OrganizationsClient,
  paginateListAccounts,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateOrganizationalUnitCommand,
  UpdatePolicyCommand,
} from '@aws-sdk/client-organizations';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { memberAdmin, newAccount, newServiceControlPolicy, newUnit, rootId } from './organization.ts';
import { ACCOUNT, allow, deny, newUser, policyOf } from './principals.ts';

const SCP = 'SERVICE_CONTROL_POLICY';
const FULL = 'p-FullAWSAccess';

let server: TestServer;
let client: OrganizationsClient;
let root: string;

beforeAll(async () => {
  server = await startServer();
  client = new OrganizationsClient(server.admin);
  root = await rootId(server.admin);
});
afterAll(async () => {
  client.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** The error of a call that must fail, as its name, status, message and reason. */
async function failure(call: Promise<unknown>): Promise<object> {
  const error = await call.then(
    () => ({ name: 'no error' }),
    (thrown) => thrown,
  );
  return {
    name: error.name,
    status: error.$metadata?.httpStatusCode,
    message: error.Message ?? error.message,
    ...(error.Reason && { reason: error.Reason }),
  };
}

const fails = (name: string, message: unknown, reason?: string) => ({
  name,
  status: 400,
  message,
  ...(reason && { reason }),
});

describe('the organization', () => {
  it('is there from the first start, with a root and the management account', async () => {
    const { Organization } = await client.send(new DescribeOrganizationCommand({}));
    const { Roots } = await client.send(new ListRootsCommand({}));
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: ACCOUNT }));
    const id = Organization!.Id!;
    expect(id).toMatch(/^o-[a-z0-9]{10}$/);
    expect(root).toMatch(/^r-[a-z0-9]{4}$/);
    expect(Organization).toEqual({
      Id: id,
      Arn: `arn:aws:organizations::${ACCOUNT}:organization/${id}`,
      FeatureSet: 'ALL',
      MasterAccountArn: `arn:aws:organizations::${ACCOUNT}:account/${id}/${ACCOUNT}`,
      MasterAccountId: ACCOUNT,
      AvailablePolicyTypes: [{ Type: SCP, Status: 'ENABLED' }],
    });
    expect(Roots).toEqual([
      {
        Id: root,
        Arn: `arn:aws:organizations::${ACCOUNT}:root/${id}/${root}`,
        Name: 'Root',
        PolicyTypes: [{ Type: SCP, Status: 'ENABLED' }],
      },
    ]);
    expect(Account).toMatchObject({
      Name: 'Tallyline',
      Status: 'ACTIVE',
      State: 'ACTIVE',
      JoinedMethod: 'INVITED',
      Paths: [`${id}/${root}/${ACCOUNT}/`],
    });
  });

  it('cannot be made once more', async () => {
    expect(await failure(client.send(new CreateOrganizationCommand({})))).toEqual(
      fails('AlreadyInOrganizationException', 'The provided account is already a member of an organization.'),
    );
  });

  it('is managed by the management account alone; members may see which it is', async () => {
    const member = new OrganizationsClient(await memberAdmin(server.admin, await newAccount(server.admin, 'curious')));
    const { Organization } = await member.send(new DescribeOrganizationCommand({}));
    expect(Organization?.MasterAccountId).toBe(ACCOUNT);
    const refused = fails('AccessDeniedException', "You don't have permissions to access this resource.");
    expect(await failure(member.send(new ListAccountsCommand({})))).toEqual(refused);
    expect(await failure(member.send(new CloseAccountCommand({ AccountId: ACCOUNT })))).toEqual(refused);
    member.destroy();
  });

  it('asks for permissions on what an operation is about', async () => {
    const user = await newUser(server.admin, 'mover', {
      statements: [allow('organizations:*'), deny('organizations:MoveAccount', 'arn:aws:organizations::*:root/*')],
    });
    const id = await newAccount(server.admin, 'unmoved');
    const unit = await newUnit(server.admin, 'not-for-all');
    const mover = new OrganizationsClient(user);
    const move = { AccountId: id, SourceParentId: root, DestinationParentId: unit };
    const { Organization } = await mover.send(new DescribeOrganizationCommand({}));
    expect(await failure(mover.send(new MoveAccountCommand(move)))).toEqual(
      fails(
        'AccessDeniedException',
        `User: arn:aws:iam::${ACCOUNT}:user/mover is not authorized to perform: organizations:MoveAccount on resource: arn:aws:organizations::${ACCOUNT}:root/${Organization?.Id}/${root} with an explicit deny in an identity-based policy`,
      ),
    );
    mover.destroy();
  });

  it('words wrong input as Organizations does', async () => {
    expect(await failure(client.send(new DescribeAccountCommand({ AccountId: 'me' })))).toEqual(
      fails(
        'InvalidInputException',
        'You provided a value that does not match the required pattern.',
        'INVALID_PATTERN',
      ),
    );
    expect(await failure(client.send(new ListPoliciesCommand({ Filter: 'OTHER' as typeof SCP })))).toEqual(
      fails('InvalidInputException', 'You specified an invalid value.', 'INVALID_ENUM'),
    );
    expect(await failure(client.send(new ListAccountsCommand({ NextToken: '?' })))).toMatchObject({
      name: 'InvalidInputException',
      reason: 'INVALID_NEXT_TOKEN',
    });
  });
});

describe('accounts', () => {
  it('are created at once, with the role that the management account gets in by', async () => {
    const input = { AccountName: 'research', Email: 'research@example.com', Tags: [{ Key: 'owner', Value: 'r+d' }] };
    const { CreateAccountStatus: status } = await client.send(new CreateAccountCommand(input));
    expect(status).toEqual({
      Id: expect.stringMatching(/^car-[a-z0-9]{32}$/),
      AccountName: 'research',
      State: 'SUCCEEDED',
      RequestedTimestamp: expect.any(Date),
      CompletedTimestamp: expect.any(Date),
      AccountId: expect.stringMatching(/^[1-9]\d{11}$/),
    });
    const id = status!.AccountId!;
    const { CreateAccountStatus: described } = await client.send(
      new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: status!.Id }),
    );
    expect(described).toEqual(status);
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: id }));
    expect(Account).toMatchObject({ Name: 'research', Email: 'research@example.com', JoinedMethod: 'CREATED' });
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceId: id }));
    expect(Tags).toEqual([{ Key: 'owner', Value: 'r+d' }]);
    const iam = new IAMClient(await memberAdmin(server.admin, id));
    const RoleName = 'OrganizationAccountAccessRole';
    const { Role } = await iam.send(new GetRoleCommand({ RoleName }));
    const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
    expect(Role?.Arn).toBe(`arn:aws:iam::${id}:role/${RoleName}`);
    expect(AttachedPolicies).toMatchObject([{ PolicyName: 'AdministratorAccess' }]);
    iam.destroy();
  });

  it('have e-mail addresses of their own: a second one fails as AWS lets it fail', async () => {
    await newAccount(server.admin, 'first');
    const input = { AccountName: 'second', Email: 'FIRST@example.com' };
    const { CreateAccountStatus: status } = await client.send(new CreateAccountCommand(input));
    expect(status).toMatchObject({ State: 'FAILED', FailureReason: 'EMAIL_ALREADY_EXISTS' });
    expect(status?.AccountId).toBeUndefined();
    const { CreateAccountStatuses } = await client.send(new ListCreateAccountStatusCommand({ States: ['FAILED'] }));
    expect(CreateAccountStatuses).toEqual([status]);
    expect(
      await failure(client.send(new DescribeCreateAccountStatusCommand({ CreateAccountRequestId: 'car-12345678' }))),
    ).toMatchObject({ name: 'CreateAccountStatusNotFoundException', status: 400 });
  });

  it('are listed in pages, oldest first, and by parent', async () => {
    const unit = await newUnit(server.admin, 'paged');
    const ids: string[] = [];
    for (const name of ['page-a', 'page-b', 'page-c']) {
      const id = await newAccount(server.admin, name);
      ids.push(id);
      await client.send(new MoveAccountCommand({ AccountId: id, SourceParentId: root, DestinationParentId: unit }));
    }
    const all: string[] = [];
    for await (const page of paginateListAccounts({ client, pageSize: 2 }, {})) {
      expect(page.Accounts!.length).toBeLessThanOrEqual(2);
      all.push(...page.Accounts!.map(({ Id }) => Id!));
    }
    expect(all[0]).toBe(ACCOUNT);
    expect(all.filter((id) => ids.includes(id))).toEqual(ids);
    expect(new Set(all).size).toBe(all.length);
    const { Accounts } = await client.send(new ListAccountsForParentCommand({ ParentId: unit }));
    expect(Accounts?.map(({ Id }) => Id)).toEqual(ids);
    const { Children } = await client.send(new ListChildrenCommand({ ParentId: unit, ChildType: 'ACCOUNT' }));
    expect(Children).toEqual(ids.map((Id) => ({ Id, Type: 'ACCOUNT' })));
  });

  it('move between the root and units', async () => {
    const unit = await newUnit(server.admin, 'destination');
    const id = await newAccount(server.admin, 'nomad');
    const move = { AccountId: id, SourceParentId: root, DestinationParentId: unit };
    await client.send(new MoveAccountCommand(move));
    const { Parents } = await client.send(new ListParentsCommand({ ChildId: id }));
    expect(Parents).toEqual([{ Id: unit, Type: 'ORGANIZATIONAL_UNIT' }]);
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: id }));
    expect(Account?.Paths?.[0]).toMatch(new RegExp(`^o-[a-z0-9]+/${root}/${unit}/${id}/$`));
    const again = new MoveAccountCommand({ ...move, SourceParentId: unit });
    expect(await failure(client.send(again))).toMatchObject({ name: 'DuplicateAccountException' });
    expect(await failure(client.send(new MoveAccountCommand(move)))).toMatchObject({
      name: 'SourceParentNotFoundException',
    });
    const nowhere = { ...move, SourceParentId: unit, DestinationParentId: 'ou-none-12345678' };
    expect(await failure(client.send(new MoveAccountCommand(nowhere)))).toMatchObject({
      name: 'DestinationParentNotFoundException',
    });
    const nobody = new MoveAccountCommand({ ...move, AccountId: '000000000000' });
    expect(await failure(client.send(nobody))).toEqual(
      fails('AccountNotFoundException', "You specified an account that doesn't exist."),
    );
  });

  it('close once, and the management account never', async () => {
    const id = await newAccount(server.admin, 'short-lived');
    await client.send(new CloseAccountCommand({ AccountId: id }));
    const { Account } = await client.send(new DescribeAccountCommand({ AccountId: id }));
    expect(Account).toMatchObject({ Name: 'short-lived', Status: 'SUSPENDED', State: 'CLOSED' });
    expect(await failure(client.send(new CloseAccountCommand({ AccountId: id })))).toMatchObject({
      name: 'AccountAlreadyClosedException',
    });
    expect(await failure(client.send(new CloseAccountCommand({ AccountId: ACCOUNT })))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'CANNOT_CLOSE_MANAGEMENT_ACCOUNT',
    });
  });
});

describe('organizational units', () => {
  it('are made, described, renamed, listed and deleted', async () => {
    const unit = await newUnit(server.admin, 'Workloads');
    const child = await newUnit(server.admin, 'Production', unit);
    const { OrganizationalUnit } = await client.send(
      new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: child }),
    );
    expect(child).toMatch(new RegExp(`^ou-${root.slice(2)}-[a-z0-9]{8}$`));
    expect(OrganizationalUnit).toMatchObject({ Id: child, Name: 'Production' });
    expect(OrganizationalUnit?.Path).toMatch(new RegExp(`/${root}/${unit}/${child}/$`));
    const { OrganizationalUnits } = await client.send(new ListOrganizationalUnitsForParentCommand({ ParentId: unit }));
    expect(OrganizationalUnits).toEqual([OrganizationalUnit]);
    const { OrganizationalUnit: renamed } = await client.send(
      new UpdateOrganizationalUnitCommand({ OrganizationalUnitId: child, Name: 'Live' }),
    );
    expect(renamed?.Name).toBe('Live');
    expect(
      await failure(client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: unit }))),
    ).toMatchObject({ name: 'OrganizationalUnitNotEmptyException', status: 400 });
    await client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: child }));
    await client.send(new DeleteOrganizationalUnitCommand({ OrganizationalUnitId: unit }));
    expect(await failure(client.send(new DescribeOrganizationalUnitCommand({ OrganizationalUnitId: unit })))).toEqual(
      fails('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist."),
    );
  });

  it('have one name per parent and at most five levels', async () => {
    let parent = await newUnit(server.admin, 'level-1');
    const twin = new CreateOrganizationalUnitCommand({ ParentId: root, Name: 'level-1' });
    expect(await failure(client.send(twin))).toEqual(
      fails('DuplicateOrganizationalUnitException', 'An OU with the same name already exists.'),
    );
    for (const level of [2, 3, 4, 5]) parent = await newUnit(server.admin, `level-${level}`, parent);
    const sixth = new CreateOrganizationalUnitCommand({ ParentId: parent, Name: 'level-6' });
    expect(await failure(client.send(sixth))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'OU_DEPTH_LIMIT_EXCEEDED',
    });
    const orphan = new CreateOrganizationalUnitCommand({ ParentId: 'ou-none-12345678', Name: 'orphan' });
    expect(await failure(client.send(orphan))).toMatchObject({ name: 'ParentNotFoundException' });
    expect(await failure(client.send(new ListParentsCommand({ ChildId: 'ou-none-12345678' })))).toMatchObject({
      name: 'ChildNotFoundException',
    });
  });
});

describe('service control policies', () => {
  const policy = (input: object = {}) =>
    new CreatePolicyCommand({
      Name: 'name',
      Description: 'text',
      Type: SCP,
      Content: policyOf(allow('bedrock:*')),
      ...input,
    });

  it('are made, described, changed, listed and deleted', async () => {
    const { Policy } = await client.send(policy());
    const id = Policy!.PolicySummary!.Id!;
    expect(Policy).toEqual({
      PolicySummary: {
        Id: expect.stringMatching(/^p-[a-z0-9]{10}$/),
        Arn: expect.stringMatching(
          new RegExp(`^arn:aws:organizations::${ACCOUNT}:policy/o-[a-z0-9]{10}/service_control_policy/${id}$`),
        ),
        Name: 'name',
        Description: 'text',
        Type: SCP,
        AwsManaged: false,
      },
      Content: policyOf(allow('bedrock:*')),
    });
    expect(await failure(client.send(policy()))).toEqual(
      fails('DuplicatePolicyException', 'A policy with the specified name and type already exists.'),
    );
    const Content = policyOf(deny('iam:*'));
    await client.send(new UpdatePolicyCommand({ PolicyId: id, Name: 'other', Content }));
    const { Policy: changed } = await client.send(new DescribePolicyCommand({ PolicyId: id }));
    expect(changed).toMatchObject({ PolicySummary: { Name: 'other', Description: 'text' }, Content });
    const { Policies } = await client.send(new ListPoliciesCommand({ Filter: SCP }));
    expect(Policies?.map(({ Name, AwsManaged }) => [Name, AwsManaged])).toEqual([
      ['FullAWSAccess', true],
      ['other', false],
    ]);
    expect((await client.send(new ListPoliciesCommand({ Filter: 'TAG_POLICY' }))).Policies).toEqual([]);
    await client.send(new DeletePolicyCommand({ PolicyId: id }));
    expect(await failure(client.send(new DescribePolicyCommand({ PolicyId: id })))).toEqual(
      fails('PolicyNotFoundException', "You specified a policy that doesn't exist."),
    );
  });

  it('are checked when they are put', async () => {
    const malformed = fails(
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    );
    const principal = { ...allow('*'), Principal: '*' };
    for (const Content of ['{', '{}', policyOf(principal), policyOf(), JSON.stringify({ Statement: [allow('*')] })]) {
      expect(await failure(client.send(policy({ Content }))), Content).toEqual(malformed);
    }
    const large = (size: number) => policyOf(allow('*')).padEnd(size, ' ');
    expect(await failure(client.send(policy({ Name: 'large', Content: large(10_241) })))).toEqual(
      fails(
        'ConstraintViolationException',
        'You have exceeded the maximum policy size.',
        'POLICY_CONTENT_LIMIT_EXCEEDED',
      ),
    );
    const { Policy } = await client.send(policy({ Name: 'large', Content: large(10_240) }));
    await client.send(new DeletePolicyCommand({ PolicyId: Policy!.PolicySummary!.Id }));
    expect(await failure(client.send(policy({ Type: 'TAG_POLICY' })))).toMatchObject({
      name: 'PolicyTypeNotAvailableForOrganizationException',
    });
    for (const command of [
      new UpdatePolicyCommand({ PolicyId: FULL, Name: 'mine' }),
      new DeletePolicyCommand({ PolicyId: FULL }),
      new TagResourceCommand({ ResourceId: FULL, Tags: [{ Key: 'a', Value: 'b' }] }),
    ]) {
      expect(await failure(client.send(command as DeletePolicyCommand))).toMatchObject({
        name: 'InvalidInputException',
        reason: 'IMMUTABLE_POLICY',
      });
    }
  });

  it('are attached and detached; a target keeps one at least and ten at most', async () => {
    const unit = await newUnit(server.admin, 'guarded');
    const id = await newServiceControlPolicy(server.admin, 'guard', allow('bedrock:*'));
    const attachment = { PolicyId: id, TargetId: unit };
    const full = { PolicyId: FULL, TargetId: unit };
    expect(await failure(client.send(new DetachPolicyCommand(attachment)))).toMatchObject({
      name: 'PolicyNotAttachedException',
    });
    expect(await failure(client.send(new DetachPolicyCommand(full)))).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'MIN_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
    });
    await client.send(new AttachPolicyCommand(attachment));
    expect(await failure(client.send(new AttachPolicyCommand(attachment)))).toMatchObject({
      name: 'DuplicatePolicyAttachmentException',
    });
    expect(await failure(client.send(new DeletePolicyCommand({ PolicyId: id })))).toMatchObject({
      name: 'PolicyInUseException',
    });
    await client.send(new DetachPolicyCommand(full));
    const { Policies } = await client.send(new ListPoliciesForTargetCommand({ TargetId: unit, Filter: SCP }));
    expect(Policies?.map(({ Name }) => Name)).toEqual(['guard']);
    const { Targets } = await client.send(new ListTargetsForPolicyCommand({ PolicyId: id }));
    expect(Targets).toEqual([
      {
        TargetId: unit,
        Arn: expect.stringMatching(new RegExp(`:ou/o-[a-z0-9]{10}/${unit}$`)),
        Name: 'guarded',
        Type: 'ORGANIZATIONAL_UNIT',
      },
    ]);
    for (const n of [2, 3, 4, 5, 6, 7, 8, 9, 10]) {
      const PolicyId = await newServiceControlPolicy(server.admin, `guard-${n}`, allow('*'));
      await client.send(new AttachPolicyCommand({ PolicyId, TargetId: unit }));
    }
    expect(await failure(client.send(new AttachPolicyCommand(full)))).toEqual(
      fails(
        'ConstraintViolationException',
        'You have attached the maximum number of policies to the specified target.',
        'MAX_POLICY_TYPE_ATTACHMENT_LIMIT_EXCEEDED',
      ),
    );
    const nothing = { PolicyId: FULL, TargetId: '000000000000' };
    expect(await failure(client.send(new AttachPolicyCommand(nothing)))).toEqual(
      fails('TargetNotFoundException', "You specified a target that doesn't exist."),
    );
  });

  it('can be switched off as a type, which detaches them all', async () => {
    const id = await newServiceControlPolicy(server.admin, 'for-a-while', deny('iam:*'));
    await client.send(new AttachPolicyCommand({ PolicyId: id, TargetId: root }));
    const type = { RootId: root, PolicyType: SCP } as const;
    expect(await failure(client.send(new EnablePolicyTypeCommand(type)))).toMatchObject({
      name: 'PolicyTypeAlreadyEnabledException',
    });
    expect(await failure(client.send(new EnablePolicyTypeCommand({ ...type, RootId: 'r-none' })))).toMatchObject({
      name: 'RootNotFoundException',
    });
    const { Root: disabled } = await client.send(new DisablePolicyTypeCommand(type));
    expect(disabled?.PolicyTypes).toEqual([]);
    const attach = new AttachPolicyCommand({ PolicyId: id, TargetId: root });
    expect(await failure(client.send(attach))).toMatchObject({ name: 'PolicyTypeNotEnabledException' });
    await client.send(new EnablePolicyTypeCommand(type));
    const { Policies } = await client.send(new ListPoliciesForTargetCommand({ TargetId: root, Filter: SCP }));
    expect(Policies?.map(({ Id }) => Id)).toEqual([FULL]);
  });
});

describe('tags', () => {
  it('are put on accounts, units, the root and policies, keys told apart by letter case', async () => {
    const account = await newAccount(server.admin, 'tagged', { CostCenter: '1', old: 'x' });
    const unit = await newUnit(server.admin, 'tagged');
    const scp = await newServiceControlPolicy(server.admin, 'tagged', allow('*'));
    for (const ResourceId of [account, unit, root, scp]) {
      const tags = { CostCenter: '2', costcenter: '3' };
      const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
      await client.send(new TagResourceCommand({ ResourceId, Tags }));
      await client.send(new UntagResourceCommand({ ResourceId, TagKeys: ['old'] }));
      const { Tags: read } = await client.send(new ListTagsForResourceCommand({ ResourceId }));
      expect(read).toEqual(Tags);
    }
    expect((await client.send(new ListTagsForResourceCommand({ ResourceId: FULL }))).Tags).toEqual([]);
  });

  it('are refused when reserved, doubled, too many or for nothing', async () => {
    const tag = (...Tags: { Key: string; Value: string }[]) =>
      failure(client.send(new TagResourceCommand({ ResourceId: root, Tags })));
    expect(await tag({ Key: 'aws:x', Value: '' })).toMatchObject({ reason: 'INVALID_SYSTEM_TAGS_PARAMETER' });
    expect(await tag({ Key: 'a', Value: '1' }, { Key: 'a', Value: '2' })).toMatchObject({
      reason: 'DUPLICATE_TAG_KEY',
    });
    const many = Array.from({ length: 51 }, (_, n) => ({ Key: `key-${n}`, Value: '' }));
    expect(await tag(...many)).toMatchObject({
      name: 'ConstraintViolationException',
      reason: 'MAX_TAG_LIMIT_EXCEEDED',
    });
    const nothing = new ListTagsForResourceCommand({ ResourceId: 'p-12345678' });
    expect(await failure(client.send(nothing))).toMatchObject({ name: 'TargetNotFoundException' });
  });
});
