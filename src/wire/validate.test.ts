import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { decodeInput } from './decode.ts';
import type { WireRequest } from './exchange.ts';
import { route } from './route.ts';
import { formRequest, jsonRequest, restRequest } from './wire-request.fixture.ts';

/** The message of the ValidationException; empty when the input is valid. */
function violations(request: WireRequest): string {
  try {
    decodeInput(route(request), request);
    return '';
  } catch (error) {
    if (error instanceof Fault && error.code === 'ValidationException') return error.message;
    throw error;
  }
}

const assumeRole = (fields: Readonly<Record<string, string>>) =>
  formRequest({
    Action: 'AssumeRole',
    Version: '2011-06-15',
    RoleArn: 'arn:aws:iam::123456789012:role/x',
    RoleSessionName: 'me',
    ...fields,
  });
const iam = (fields: Readonly<Record<string, string>>) => formRequest({ Version: '2010-05-08', ...fields });
const converse = (body: object) => restRequest('POST', '/model/a.b/converse', body);

describe('STS, as probed live', () => {
  it.each<[string, WireRequest, string]>([
    [
      'a pattern',
      assumeRole({ RoleSessionName: 'bad/name' }),
      "1 validation error detected: Value 'bad/name' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    ],
    [
      'a pattern before a length',
      assumeRole({ ExternalId: '!' }),
      "2 validation errors detected: Value '!' at 'externalId' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@:\\/-]*; Value '!' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2",
    ],
    [
      'a missing member',
      formRequest({ Action: 'AssumeRole', Version: '2011-06-15', RoleSessionName: 'me' }),
      "1 validation error detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a number too large',
      assumeRole({ DurationSeconds: '43201' }),
      "1 validation error detected: Value '43201' at 'durationSeconds' failed to satisfy constraint: Member must have value less than or equal to 43200",
    ],
    [
      'a negative number',
      assumeRole({ DurationSeconds: '-1' }),
      "1 validation error detected: Value '-1' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
    ],
    [
      'a member of a listed structure',
      assumeRole({ 'Tags.member.1.Key': 'a', 'Tags.member.1.Value': '', 'Tags.member.2.Value': 'b' }),
      "1 validation error detected: Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null",
    ],
    [
      'an element of a list of texts',
      assumeRole({ 'TransitiveTagKeys.member.1': 'ok', 'TransitiveTagKeys.member.2': '' }),
      "1 validation error detected: Value '[ok, ]' at 'transitiveTagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 128, Member must have length greater than or equal to 1, Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+, Member must not be null]",
    ],
  ])('words %s', (_, request, message) => {
    expect(violations(request)).toBe(message);
  });

  it('counts UTF-16 units and refuses astral characters, as the Java behind it does', () => {
    const RoleArn = `arn:aws:iam::123456789012:role/${'\u{1f600}'}`;
    expect(violations(assumeRole({ RoleArn }))).toContain(
      "at 'roleArn' failed to satisfy constraint: Member must satisfy",
    );
    const long = violations(assumeRole({ RoleArn: 'x'.repeat(2_049) }));
    expect(long).toContain('Member must have length less than or equal to 2048');
  });

  it('never shows a secret', () => {
    const request = formRequest({
      Action: 'AssumeRoleWithWebIdentity',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::123456789012:role/x',
      RoleSessionName: 'me',
      WebIdentityToken: 'abc',
    });
    expect(violations(request)).toBe(
      "1 validation error detected: Value at 'webIdentityToken' failed to satisfy constraint: Member must have length greater than or equal to 4",
    );
  });
});

describe('IAM, which shows no values', () => {
  it.each<[string, WireRequest, string]>([
    [
      'a missing member',
      iam({ Action: 'UntagUser', UserName: 'alice' }),
      "1 validation error detected: Value at 'tagKeys' failed to satisfy constraint: Member must not be null",
    ],
    [
      'a tag key',
      iam({ Action: 'CreateUser', UserName: 'alice', 'Tags.member.1.Key': 'bad*key', 'Tags.member.1.Value': 'x' }),
      "1 validation error detected: Value at 'tags.1.member.key' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+",
    ],
    [
      'a length',
      iam({ Action: 'CreateUser', UserName: 'u'.repeat(65) }),
      "1 validation error detected: Value at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64",
    ],
    [
      'an enum',
      iam({ Action: 'UpdateAccessKey', AccessKeyId: 'AKIAIOSFODNN7EXAMPLE', Status: 'Off' }),
      "1 validation error detected: Value at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
    ],
  ])('words %s', (_, request, message) => {
    expect(violations(request)).toBe(message);
  });
});

describe('Bedrock Runtime', () => {
  it('shows a value where there is one', () => {
    const tools = [{ toolSpec: { name: 'Count Tool', inputSchema: { json: {} } } }];
    expect(violations(converse({ messages: [], system: [{ text: '' }], toolConfig: { tools } }))).toBe(
      "2 validation errors detected: Value at 'system.1.member.text' failed to satisfy constraint: Member must have length greater than or equal to 1; Value 'Count Tool' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
    );
    expect(violations(converse({ toolConfig: { tools: [{ toolSpec: { inputSchema: { json: {} } } }] } }))).toBe(
      "1 validation error detected: Value null at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must not be null",
    );
  });

  it('checks roles and lets other enums pass: the service knows newer values', () => {
    expect(violations(converse({ messages: [{ role: 'system', content: [] }], serviceTier: { type: 'newest' } }))).toBe(
      '',
    );
    expect(violations(converse({ messages: [{ role: 'developer', content: [] }] }))).toBe(
      "1 validation error detected: Value 'developer' at 'messages.1.member.role' failed to satisfy constraint: Member must satisfy enum value set: [user, assistant, system]",
    );
  });

  it('checks maps without showing what is sensitive in them', () => {
    expect(violations(converse({ requestMetadata: {} }))).toBe(
      "1 validation error detected: Value at 'requestMetadata' failed to satisfy constraint: Member must have length greater than or equal to 1",
    );
    const bad = violations(converse({ requestMetadata: { team: 'a;b' } }));
    expect(bad).toContain(
      "Value at 'requestMetadata' failed to satisfy constraint: Map value must satisfy constraint: [",
    );
    expect(bad).not.toContain('a;b');
    expect(violations(converse({ requestMetadata: { 'a;b': 'x' } }))).toContain('Map keys must satisfy constraint: [');
  });
});

describe('Cost Explorer', () => {
  const ask = (body: object) => jsonRequest('AWSInsightsIndexService.GetCostAndUsage', body);

  it('lists everything that is wrong, in the order of the model', () => {
    const message = violations(ask({ TimePeriod: { Start: '2026-1-1', End: '2026-02-01' }, Granularity: 'WEEKLY' }));
    expect(message).toBe(
      "3 validation errors detected: Value '2026-1-1' at 'timePeriod.start' failed to satisfy constraint: Member must satisfy regular expression pattern: (\\d{4}-\\d{2}-\\d{2})(T\\d{2}:\\d{2}:\\d{2}Z)?; Value 'WEEKLY' at 'granularity' failed to satisfy constraint: Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]; Value null at 'metrics' failed to satisfy constraint: Member must not be null",
    );
  });

  it('counts a null in a list as a violation', () => {
    const body = { TimePeriod: { Start: '2026-01-01', End: '2026-02-01' }, Granularity: 'DAILY', Metrics: [null] };
    expect(violations(ask(body))).toContain(
      "at 'metrics' failed to satisfy constraint: Member must satisfy constraint: [",
    );
    expect(violations(ask({ ...body, Metrics: ['x'], GroupBy: [null] }))).toContain("Value null at 'groupBy.1.member'");
  });

  it('bounds what it repeats and how much it lists', () => {
    const Key = 'k'.repeat(100_000);
    const GroupBy = Array.from({ length: 500 }, () => ({ Type: 'X', Key }));
    const message = violations(
      ask({ TimePeriod: { Start: '2026-01-01', End: '2026-02-01' }, Granularity: 'DAILY', Metrics: ['x'], GroupBy }),
    );
    expect(message).toMatch(/^100 validation errors detected: /);
    expect(message.length).toBeLessThan(200_000);
  });
});

describe('Budgets', () => {
  const create = (BudgetName: string) =>
    jsonRequest('AWSBudgetServiceGateway.CreateBudget', {
      AccountId: '123456789012',
      Budget: { BudgetName, TimeUnit: 'MONTHLY', BudgetType: 'COST' },
    });

  it('runs the patterns that are not valid here as they are', () => {
    expect(violations(create('team a'))).toBe('');
    expect(violations(create('x<SCRIPT>y</script>'))).toContain(
      'Member must satisfy regular expression pattern: ^(?![^:\\\\]*',
    );
    expect(violations(create('a:b'))).toContain("Value 'a:b' at 'budget.budgetName'");
  });

  it('does not run a pattern over a text far beyond its limit', () => {
    expect(violations(create('<script>'.repeat(100_000)))).toMatch(
      /^1 validation error detected: .*Member must have length/,
    );
  });
});
