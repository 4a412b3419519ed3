import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT, allow, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';
import { programs, run, said } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
/** The first versions that read `endpoint_url` from a profile. An older one would call AWS. */
const ENDPOINT_IN_PROFILE: Readonly<Record<string, number>> = { 1: 29, 2: 13 };

interface Cli {
  readonly file: string;
  readonly version: string;
  readonly readsEndpoint: boolean;
}

const clis = programs('aws', '/usr/bin/aws').flatMap((file): Cli[] => {
  const [, version, major, minor] = /aws-cli\/((\d+)\.(\d+)\S*)/.exec(said(file, '--version')) ?? [];
  if (!version) return [];
  return [{ file, version, readsEndpoint: Number(minor) >= (ENDPOINT_IN_PROFILE[major!] ?? 0) }];
});
const cli = clis.find(({ readsEndpoint }) => readsEndpoint);
const otherCli = clis.find((one) => one !== cli);
if (!cli) console.warn('SKIPPED: no `aws` (1.29 or 2.13 and later) on the PATH; its profile files are not tested');
if (!otherCli) console.warn('SKIPPED: no second `aws` at /usr/bin/aws; it is not tested with --endpoint-url');

let server: TestServer;
let home: string;
let configFile: string;
let week: readonly string[];

beforeAll(async () => {
  server = await startServer({ config: { costExplorer: { extensions: true } } });
  const caller = await newUser(server.admin, 'cli-caller', { statements: [INVOKE], tags: { team: 'cli' } });
  await spend(caller, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
  // Sessions of roles are kept in the home folder, and must not outlive the server.
  home = temporaryFolder('home');
  const config = readFileSync(join(server.data, 'aws', 'config'), 'utf8');
  configFile = join(home, 'config');
  const role = await newRole(server.admin, 'CliRole', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)],
    statements: [INVOKE],
  });
  const settings = `role_arn = ${role}\nsource_profile = tallyline\nrole_session_name = nightly\n`;
  writeFileSync(configFile, `${config}\n${config.replace('[profile tallyline]', '[profile nightly]')}${settings}`);
  const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
  week = ['--time-period', `Start=${day(-1)},End=${day(1)}`, '--granularity', 'MONTHLY', '--metrics', 'UnblendedCost'];
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const EXTENDED = { AWS_SDK_UA_APP_ID: 'tallyline-extensions' };

interface Run {
  readonly status: number;
  /** The JSON that was printed; undefined when there was none. */
  // biome-ignore lint/suspicious/noExplicitAny: whatever the command prints
  readonly json: any;
  readonly stderr: string;
}

async function aws({ file }: Cli, args: readonly string[], profile = 'tallyline', extra: object = {}): Promise<Run> {
  const environment = {
    ...extra,
    HOME: home,
    AWS_CONFIG_FILE: configFile,
    AWS_SHARED_CREDENTIALS_FILE: join(server.data, 'aws', 'credentials'),
  };
  const result = await run(file, ['--profile', profile, '--output', 'json', ...args], environment);
  return {
    status: result.status,
    json: result.stdout === '' ? undefined : JSON.parse(result.stdout),
    stderr: result.stderr,
  };
}

/** The JSON of a command that succeeds. */
async function printed(cli: Cli, args: readonly string[], profile?: string): Promise<Run['json']> {
  const { status, json, stderr } = await aws(cli, args, profile);
  expect(status, stderr).toBe(0);
  return json;
}

describe.skipIf(!cli)(`aws ${cli?.version} with the profile that serve wrote`, () => {
  const ask = (...args: readonly string[]) => printed(cli!, args);

  it('is the administrator', async () => {
    expect(await ask('sts', 'get-caller-identity')).toEqual({
      Account: ACCOUNT,
      Arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
      UserId: expect.stringMatching(/^AIDA/),
    });
  });

  it('manages users, keys, policies and tags', { timeout: 120_000 }, async () => {
    const tags = ['--tags', 'Key=team,Value=ops', 'Key=note,Value=a b+c'];
    const created = await ask('iam', 'create-user', '--user-name', 'dora', '--path', '/ops/', ...tags);
    expect(created.User).toMatchObject({
      Arn: `arn:aws:iam::${ACCOUNT}:user/ops/dora`,
      Tags: [{ Value: 'ops' }, { Value: 'a b+c' }],
    });
    const document = policyOf(allow('bedrock:*'));
    const policy = ['--user-name', 'dora', '--policy-name', 'p', '--policy-document', document];
    const [nothing, { AccessKey }] = await Promise.all([
      ask('iam', 'put-user-policy', ...policy),
      ask('iam', 'create-access-key', '--user-name', 'dora'),
    ]);
    expect(nothing).toBeUndefined();
    expect(AccessKey).toMatchObject({ Status: 'Active', SecretAccessKey: expect.any(String) });
    const [shown, { Users }, { status, stderr }] = await Promise.all([
      ask('iam', 'get-user-policy', '--user-name', 'dora', '--policy-name', 'p'),
      ask('iam', 'list-users', '--path-prefix', '/ops/'),
      aws(cli!, ['iam', 'delete-user', '--user-name', 'dora']),
    ]);
    // The CLI decodes the percent-encoded document.
    expect(shown.PolicyDocument).toEqual(JSON.parse(document));
    expect(Users).toMatchObject([{ UserName: 'dora' }]);
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      'An error occurred (DeleteConflict) when calling the DeleteUser operation: Cannot delete entity, must delete policies first.',
    );
  });

  it('reads costs and switches tags', { timeout: 120_000 }, async () => {
    const { CostAllocationTags } = await ask('ce', 'list-cost-allocation-tags');
    expect(CostAllocationTags).toMatchObject([
      { TagKey: 'iamPrincipal/team', Status: 'Inactive', Type: 'UserDefined' },
    ]);
    const status = ['--cost-allocation-tags-status', 'TagKey=iamPrincipal/team,Status=Active'];
    expect(await ask('ce', 'update-cost-allocation-tags-status', ...status)).toEqual({ Errors: [] });
    const group = ['--group-by', 'Type=DIMENSION,Key=USAGE_TYPE', 'Type=TAG,Key=iamPrincipal/team'];
    const { ResultsByTime } = await ask('ce', 'get-cost-and-usage', ...week, ...group);
    const groups = ResultsByTime.flatMap((one: { Groups: object[] }) => one.Groups);
    expect(groups).toEqual([
      {
        Keys: ['USE1-Claude4.6Sonnet-input-tokens', 'iamPrincipal/team$'],
        Metrics: { UnblendedCost: { Amount: '3.3', Unit: 'USD' } },
      },
    ]);
  });

  it('explains costs', { timeout: 120_000 }, async () => {
    const day = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    const period = ['--time-period', `Start=${day(-1)},End=${day(1)}`];
    const now = new Date();
    const month = (offset: number) => {
      const start = (more: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset + more, 1));
      return `Start=${start(0).toISOString().slice(0, 10)},End=${start(1).toISOString().slice(0, 10)}`;
    };
    const bedrock = '{"Dimensions":{"Key":"SERVICE","Values":["Amazon Bedrock Service"]}}';
    const months = ['--baseline-time-period', month(-1), '--comparison-time-period', month(0)];
    const compared = [
      ...months,
      '--metric-for-comparison',
      'UnblendedCost',
      '--group-by',
      'Type=DIMENSION,Key=SERVICE',
    ];
    const forecast = ['--time-period', `Start=${day(0)},End=${day(20)}`, '--granularity', 'DAILY'];
    const [resources, regions, comparisons, drivers, records, unforeseen, principals, strict] = await Promise.all([
      ask(
        'ce',
        'get-cost-and-usage-with-resources',
        ...week,
        '--filter',
        bedrock,
        '--group-by',
        'Type=DIMENSION,Key=RESOURCE_ID',
      ),
      ask('ce', 'get-dimension-values', ...period, '--dimension', 'REGION'),
      ask('ce', 'get-cost-and-usage-comparisons', ...compared),
      ask('ce', 'get-cost-comparison-drivers', ...compared),
      ask('ce', 'get-approximate-usage-records', '--granularity', 'HOURLY', '--approximation-dimension', 'SERVICE'),
      aws(cli!, [
        'ce',
        'get-cost-forecast',
        ...forecast,
        '--metric',
        'UNBLENDED_COST',
        '--prediction-interval-level',
        '80',
      ]),
      aws(
        cli!,
        ['ce', 'get-cost-and-usage', ...week, '--group-by', 'Type=DIMENSION,Key=IAM_PRINCIPAL'],
        'tallyline',
        EXTENDED,
      ),
      aws(cli!, ['ce', 'get-cost-and-usage', ...week, '--group-by', 'Type=DIMENSION,Key=IAM_PRINCIPAL']),
    ]);
    const groupKeys = ({ ResultsByTime }: Run['json']) =>
      ResultsByTime.flatMap(({ Groups }: { Groups: { Keys: string[] }[] }) => Groups.map(({ Keys }) => Keys[0]));
    expect(groupKeys(resources)).toEqual([`arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`]);
    expect(regions.DimensionValues).toEqual([{ Value: 'us-east-1', Attributes: {} }]);
    // Around the first of a month the usage may lie in the month before.
    const difference = /^-?3\.3$/;
    expect(comparisons.TotalCostAndUsage.UnblendedCost.Difference).toMatch(difference);
    expect(drivers.CostComparisonDrivers[0].CostDrivers).toMatchObject([
      { Type: 'USAGE_CHANGE', Metrics: { UnblendedCost: { Difference: expect.stringMatching(difference) } } },
    ]);
    expect(records).toMatchObject({ TotalRecords: expect.any(Number), LookbackPeriod: { End: day(0) } });
    expect(unforeseen.stderr).toContain(
      'An error occurred (DataUnavailableException) when calling the GetCostForecast operation: Insufficient amount of historical data',
    );
    expect(principals.stderr).toBe('');
    expect(groupKeys(principals.json)).toEqual([`arn:aws:iam::${ACCOUNT}:user/cli-caller`]);
    expect(strict.stderr).toContain('Group Definition dimension is invalid.');
  });

  it('manages the organization', { timeout: 120_000 }, async () => {
    const { CreateAccountStatus } = await ask(
      ...['organizations', 'create-account', '--account-name', 'from-cli', '--email', 'cli@example.com'],
    );
    expect(CreateAccountStatus).toMatchObject({ State: 'SUCCEEDED', AccountName: 'from-cli' });
    const id = CreateAccountStatus.AccountId;
    const { Roots } = await ask('organizations', 'list-roots');
    const unit = ['create-organizational-unit', '--parent-id', Roots[0].Id, '--name', 'cli', '--tags', 'Key=a,Value=b'];
    const { OrganizationalUnit } = await ask('organizations', ...unit);
    const move = ['--source-parent-id', Roots[0].Id, '--destination-parent-id', OrganizationalUnit.Id];
    expect(await ask('organizations', 'move-account', '--account-id', id, ...move)).toBeUndefined();
    const [{ Accounts }, { Account }, { status, stderr }] = await Promise.all([
      ask('organizations', 'list-accounts', '--page-size', '1'),
      ask('organizations', 'describe-account', '--account-id', id),
      aws(cli!, ['organizations', 'close-account', '--account-id', ACCOUNT]),
    ]);
    expect(Accounts.map(({ Name }: { Name: string }) => Name)).toEqual(['Tallyline', 'from-cli']);
    expect(Account).toMatchObject({ Email: 'cli@example.com', Status: 'ACTIVE' });
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      'An error occurred (ConstraintViolationException) when calling the CloseAccount operation',
    );
  });

  it('keeps a budget', { timeout: 120_000 }, async () => {
    const account = ['--account-id', ACCOUNT];
    const name = [...account, '--budget-name', 'from-cli'];
    const budget = {
      ...{ BudgetName: 'from-cli', BudgetType: 'COST', TimeUnit: 'MONTHLY' },
      BudgetLimit: { Amount: '10', Unit: 'USD' },
      CostFilters: { TagKeyValue: ['iamPrincipal/team$cli'] },
    };
    const notification = { NotificationType: 'ACTUAL', ComparisonOperator: 'GREATER_THAN', Threshold: 80 };
    const told = [{ Notification: notification, Subscribers: [{ SubscriptionType: 'EMAIL', Address: 'a@b.example' }] }];
    const create = ['create-budget', ...account, '--budget', JSON.stringify(budget)];
    await ask('budgets', ...create, '--notifications-with-subscribers', JSON.stringify(told));
    const [{ Budget }, { Budgets }, { Notifications }, again] = await Promise.all([
      ask('budgets', 'describe-budget', ...name),
      ask('budgets', 'describe-budgets', ...account, '--page-size', '1'),
      ask('budgets', 'describe-notifications-for-budget', ...name),
      aws(cli!, ['budgets', ...create]),
    ]);
    expect(Budget).toMatchObject({ ...budget, BudgetLimit: { Amount: '10.0', Unit: 'USD' } });
    expect(Budgets).toMatchObject([{ BudgetName: 'from-cli' }]);
    expect(Notifications).toEqual([{ ...notification, ThresholdType: 'PERCENTAGE', NotificationState: 'OK' }]);
    expect(again.stderr).toContain(
      'An error occurred (DuplicateRecordException) when calling the CreateBudget operation: Error creating budget: from-cli - the budget already exists.',
    );
    await ask('budgets', 'delete-budget', ...name);
  });

  it('keeps a cost category', { timeout: 120_000 }, async () => {
    const rules = [{ Value: 'Claude', Rule: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock Service'] } } }];
    const definition = ['--rule-version', 'CostCategoryExpression.v1', '--rules', JSON.stringify(rules)];
    const create = ['create-cost-category-definition', '--name', 'from-cli', ...definition, '--default-value', 'rest'];
    const { CostCategoryArn } = await ask('ce', ...create);
    const arn = ['--cost-category-arn', CostCategoryArn];
    const [{ CostCategory }, { ResultsByTime }, again] = await Promise.all([
      ask('ce', 'describe-cost-category-definition', ...arn),
      ask('ce', 'get-cost-and-usage', ...week, '--group-by', 'Type=COST_CATEGORY,Key=from-cli'),
      aws(cli!, ['ce', ...create]),
    ]);
    expect(CostCategory).toMatchObject({ Name: 'from-cli', Rules: rules, DefaultValue: 'rest' });
    const groups = ResultsByTime.flatMap((one: { Groups: { Keys: string[] }[] }) => one.Groups);
    expect(groups.map(({ Keys }: { Keys: string[] }) => Keys)).toContainEqual(['from-cli$Claude']);
    expect(again.stderr).toContain(
      'An error occurred (ValidationException) when calling the CreateCostCategoryDefinition operation: Failed to create Cost Category: Cost category name from-cli already exists',
    );
    const { EffectiveEnd } = await ask('ce', 'delete-cost-category-definition', ...arn);
    expect(EffectiveEnd).toMatch(/T23:59:59Z$/);
  });

  it('makes an export', { timeout: 120_000 }, async () => {
    const definition = {
      Name: 'from-cli',
      DataQuery: { QueryStatement: 'SELECT line_item_usage_type FROM COST_AND_USAGE_REPORT' },
      DestinationConfigurations: {
        S3Destination: {
          ...{ S3Bucket: 'bills', S3Prefix: 'cur2', S3Region: 'us-east-1' },
          S3OutputConfigurations: {
            ...{ OutputType: 'CUSTOM', Format: 'TEXT_OR_CSV', Compression: 'GZIP', Overwrite: 'OVERWRITE_REPORT' },
          },
        },
      },
      RefreshCadence: { Frequency: 'SYNCHRONOUS' },
    };
    const create = ['bcm-data-exports', 'create-export', '--export', JSON.stringify(definition)];
    const { ExportArn } = await ask(...create);
    expect(ExportArn).toContain(':export/from-cli-');
    const [{ Exports }, { Tables }] = await Promise.all([
      ask('bcm-data-exports', 'list-exports'),
      ask('bcm-data-exports', 'list-tables'),
    ]);
    expect(Exports).toMatchObject([{ ExportArn, ExportName: 'from-cli', ExportStatus: { StatusCode: 'HEALTHY' } }]);
    expect(Tables).toContainEqual(expect.objectContaining({ TableName: 'COST_AND_USAGE_REPORT' }));
  });

  it('lists models and calls them', { timeout: 120_000 }, async () => {
    const messages = JSON.stringify([{ role: 'user', content: [{ text: 'hello' }] }]);
    const fields = JSON.stringify({ simulate: { inputTokens: 7, outputTokens: 3 } });
    const call = ['--model-id', `us.${SONNET}`, '--messages', messages, '--additional-model-request-fields', fields];
    const native = {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'hi' }],
    };
    const [body, answer] = [join(home, 'body.json'), join(home, 'answer.json')];
    writeFileSync(body, JSON.stringify(native));
    const [{ modelSummaries }, conversed, invoked, unknown] = await Promise.all([
      ask('bedrock', 'list-foundation-models', '--by-provider', 'anthropic'),
      ask('bedrock-runtime', 'converse', ...call),
      ask('bedrock-runtime', 'invoke-model', '--model-id', SONNET, '--body', `fileb://${body}`, answer),
      aws(cli!, ['bedrock-runtime', 'converse', '--model-id', 'nothing', '--messages', messages]),
    ]);
    expect(modelSummaries).toContainEqual(expect.objectContaining({ modelId: SONNET }));
    expect(conversed).toMatchObject({
      output: { message: { role: 'assistant', content: [{ text: expect.any(String) }] } },
      ...{ stopReason: 'end_turn', usage: { inputTokens: 7, outputTokens: 3, totalTokens: 10 } },
    });
    expect(invoked).toMatchObject({ contentType: 'application/json' });
    expect(JSON.parse(readFileSync(answer, 'utf8'))).toMatchObject({ type: 'message', stop_reason: 'max_tokens' });
    expect(unknown.status).not.toBe(0);
    expect(unknown.stderr).toContain(
      '(ValidationException) when calling the Converse operation: The provided model identifier is invalid.',
    );
  });

  it('makes a tagged inference profile, calls it and deletes it', { timeout: 120_000 }, async () => {
    const source = `copyFrom=arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;
    const named = ['--inference-profile-name', 'from cli', '--model-source', source, '--tags', 'key=project,value=cli'];
    const { inferenceProfileArn: arn } = await ask('bedrock', 'create-inference-profile', ...named);
    const messages = JSON.stringify([{ role: 'user', content: [{ text: 'hello' }] }]);
    const [{ tags }, { stopReason }, { inferenceProfileSummaries: listed }] = await Promise.all([
      ask('bedrock', 'list-tags-for-resource', '--resource-arn', arn),
      ask('bedrock-runtime', 'converse', '--model-id', arn, '--messages', messages),
      ask('bedrock', 'list-inference-profiles', '--type-equals', 'APPLICATION'),
    ]);
    expect(tags).toEqual([{ key: 'project', value: 'cli' }]);
    expect(stopReason).toBe('end_turn');
    expect(listed).toMatchObject([{ inferenceProfileArn: arn, inferenceProfileName: 'from cli', type: 'APPLICATION' }]);
    await ask('bedrock', 'delete-inference-profile', '--inference-profile-identifier', arn);
    const gone = await aws(cli!, ['bedrock', 'get-inference-profile', '--inference-profile-identifier', arn]);
    expect(gone.stderr).toContain('(ResourceNotFoundException) when calling the GetInferenceProfile operation');
  });

  it('assumes the role of a profile', { timeout: 120_000 }, async () => {
    const session = `arn:aws:sts::${ACCOUNT}:assumed-role/CliRole/nightly`;
    const [{ Arn }, { status, stderr }] = await Promise.all([
      printed(cli!, ['sts', 'get-caller-identity'], 'nightly'),
      aws(cli!, ['iam', 'list-users'], 'nightly'),
    ]);
    expect(Arn).toBe(session);
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      `An error occurred (AccessDenied) when calling the ListUsers operation: User: ${session} is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::${ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action`,
    );
  });
});

describe.skipIf(!otherCli)(`aws ${otherCli?.version} with --endpoint-url`, () => {
  const ask = (...args: readonly string[]) => printed(otherCli!, ['--endpoint-url', server.url, ...args]);

  it('is the administrator, and assumes a role', async () => {
    const role = ['--role-arn', `arn:aws:iam::${ACCOUNT}:role/CliRole`, '--role-session-name', 'by-hand'];
    const [{ Arn }, { AssumedRoleUser, Credentials }] = await Promise.all([
      ask('sts', 'get-caller-identity'),
      ask('sts', 'assume-role', ...role),
    ]);
    expect(Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/admin`);
    expect(AssumedRoleUser.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/CliRole/by-hand`);
    expect(Credentials.Expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/);
  });

  it('manages users', async () => {
    const { User } = await ask('iam', 'create-user', '--user-name', 'other-cli');
    const [shown, { status, stderr }] = await Promise.all([
      ask('iam', 'get-user', '--user-name', 'other-cli'),
      aws(otherCli!, ['--endpoint-url', server.url, 'iam', 'get-user', '--user-name', 'nobody']),
    ]);
    expect(shown.User).toEqual(User);
    expect(status).toBe(254);
    expect(stderr).toContain(
      'An error occurred (NoSuchEntity) when calling the GetUser operation: The user with name nobody cannot be found.',
    );
  });

  it('reads costs', async () => {
    const { ResultsByTime } = await ask(
      'ce',
      'get-cost-and-usage',
      ...week,
      '--group-by',
      'Type=DIMENSION,Key=USAGE_TYPE',
    );
    const groups = ResultsByTime.flatMap((one: { Groups: { Keys: string[]; Metrics: object }[] }) => one.Groups);
    expect(groups).toContainEqual({
      Keys: ['USE1-Claude4.6Sonnet-input-tokens'],
      Metrics: { UnblendedCost: { Amount: expect.stringMatching(/^3\.3/), Unit: 'USD' } },
    });
  });
});
