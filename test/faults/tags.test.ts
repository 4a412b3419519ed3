import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { assumeRole, callAs, callAsAdmin, createRole, createUser, keysOf } from './principals.ts';
import { converseCall, errorOf, iamCall, jsonCall, type RawRequest, stsCall, type WireError } from './raw-client.ts';
import { expectNoSecrets, watch } from './secret-watch.ts';

type Pairs = readonly (readonly [key: string, value: string])[];

let server: TestServer;
let roleArn: string;

beforeAll(async () => {
  server = watch(await startServer());
  await createUser(server, 'tagged');
  roleArn = await createRole(server, 'tagged');
});
afterAll(async () => {
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

function tagFields(pairs: Pairs): Record<string, string> {
  const fields = pairs.flatMap(([key, value], index) => [
    [`Tags.member.${index + 1}.Key`, key],
    [`Tags.member.${index + 1}.Value`, value],
  ]);
  return Object.fromEntries(fields) as Record<string, string>;
}

const numbered = (count: number, prefix = 'key'): Pairs =>
  Array.from({ length: count }, (_, index) => [`${prefix}-${index}`, 'x'] as const);

async function refused(service: string, request: RawRequest): Promise<WireError> {
  return errorOf(await callAs(server, server.admin.credentials, service, request));
}

/** What a principal can be given tags by, with the code for tags that are wrong in themselves. */
const WAYS = [
  {
    what: 'a new user',
    service: 'iam',
    invalid: 'InvalidInput',
    make: (tags: Pairs) => iamCall('CreateUser', { UserName: 'new', ...tagFields(tags) }),
  },
  {
    what: 'a user',
    service: 'iam',
    invalid: 'InvalidInput',
    make: (tags: Pairs) => iamCall('TagUser', { UserName: 'tagged', ...tagFields(tags) }),
  },
  {
    what: 'a role',
    service: 'iam',
    invalid: 'InvalidInput',
    make: (tags: Pairs) => iamCall('TagRole', { RoleName: 'tagged', ...tagFields(tags) }),
  },
  {
    what: 'a session',
    service: 'sts',
    invalid: 'InvalidParameterValue',
    make: (tags: Pairs) => stsCall('AssumeRole', { RoleArn: roleArn, RoleSessionName: 'session', ...tagFields(tags) }),
  },
  {
    what: 'a federated user',
    service: 'sts',
    invalid: 'InvalidParameterValue',
    make: (tags: Pairs) => stsCall('GetFederationToken', { Name: 'federated', ...tagFields(tags) }),
  },
] as const;

describe.each(WAYS)('tags of $what', ({ service, invalid, make }) => {
  it('are at most 50 in one call', async () => {
    const { status, code, message } = await refused(service, make(numbered(51)));
    expect([status, code]).toEqual([400, 'ValidationError']);
    expect(message).toMatch(
      /^1 validation error detected: Value .*at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50$/s,
    );
  });

  it('have keys of 1 to 128 and values of at most 256 characters', async () => {
    const wrong: readonly (readonly [Pairs, RegExp])[] = [
      [[['k'.repeat(129), 'x']], /at 'tags\.1\.member\.key' failed .*length less than or equal to 128$/],
      [[['', 'x']], /at 'tags\.1\.member\.key' failed .*length greater than or equal to 1/],
      [[['k', 'v'.repeat(257)]], /at 'tags\.1\.member\.value' failed .*length less than or equal to 256$/],
      [[['key\nline', 'x']], /at 'tags\.1\.member\.key' failed .*regular expression pattern/],
      [[['k', '{value}']], /at 'tags\.1\.member\.value' failed .*regular expression pattern/],
    ];
    for (const [tags, text] of wrong) {
      const { status, code, message } = await refused(service, make(tags));
      expect([status, code]).toEqual([400, 'ValidationError']);
      expect(message).toMatch(text);
    }
    const noValue = make([['k', 'x']]);
    const { code, message } = await refused(service, {
      ...noValue,
      body: String(noValue.body).replace(/&Tags\.member\.1\.Value=x/, ''),
    });
    expect([code, message]).toEqual([
      'ValidationError',
      expect.stringMatching(/at 'tags\.1\.member\.value' failed to satisfy constraint: Member must not be null$/),
    ]);
  });

  it('have no key that AWS keeps for itself, in any letter case', async () => {
    for (const key of ['aws:team', 'AWS:team', 'Aws:']) {
      const message = 'aws: prefixed tag key names are not allowed for external use.';
      expect(await refused(service, make([[key, 'x']]))).toEqual({ status: 400, code: invalid, message });
    }
  });

  it('have no two keys that differ in letter case alone', async () => {
    const message = 'Duplicate tag keys found. Please note that Tag keys are case insensitive.';
    const tags: Pairs = [
      ['team', 'a'],
      ['Team', 'b'],
    ];
    expect(await refused(service, make(tags))).toEqual({ status: 400, code: invalid, message });
    expect(
      await refused(
        service,
        make([
          ['team', 'a'],
          ['team', 'a'],
        ]),
      ),
    ).toEqual({ status: 400, code: invalid, message });
  });
});

describe('tags of users and roles', () => {
  it('are at most 50 over all calls, and replace one another whatever their letter case', async () => {
    for (const [kind, name] of [
      ['User', 'UserName'],
      ['Role', 'RoleName'],
    ] as const) {
      const tag = (pairs: Pairs) => iamCall(`Tag${kind}`, { [name]: 'tagged', ...tagFields(pairs) });
      await callAsAdmin(server, 'iam', tag(numbered(50)));
      const message = `Cannot exceed quota for TagsPer${kind}: 50`;
      expect(await refused('iam', tag([['one-more', 'x']]))).toEqual({ status: 409, code: 'LimitExceeded', message });
      await callAsAdmin(server, 'iam', tag([['KEY-7', 'y']]));
      const { text } = await callAsAdmin(
        server,
        'iam',
        iamCall(`List${kind}Tags`, { [name]: 'tagged', MaxItems: '1000' }),
      );
      expect(text.match(/<Key>/g)).toHaveLength(50);
      expect(text).toContain('<Key>KEY-7</Key>');
      expect(text).not.toContain('<Key>key-7</Key>');
    }
  });

  it('of the largest size reach the ledger whole', async () => {
    const pairs: Pairs = Array.from(
      { length: 50 },
      (_, index) => [`${'ключ'.repeat(31)}-${index + 10}`, 'значение'.repeat(32)] as const,
    );
    const keys = await createUser(server, 'largest');
    await callAsAdmin(server, 'iam', iamCall('TagUser', { UserName: 'largest', ...tagFields(pairs) }));
    expect((await callAs(server, keys, 'bedrock', converseCall({ inputTokens: 1, outputTokens: 1 }))).status).toBe(200);
    const listed = async () => {
      const { text } = await callAsAdmin(server, 'tallyline', jsonCall('Tallyline.ListRequests', {}));
      return (JSON.parse(text) as { Requests: { Tags: Record<string, string> }[] }).Requests[0]?.Tags;
    };
    await expect.poll(listed, { timeout: 20_000 }).toEqual(Object.fromEntries(pairs));
  });
});

describe('tags of sessions', () => {
  it('are refused where they take more room than a session has', async () => {
    const tags: Pairs = Array.from(
      { length: 50 },
      (_, index) => [`${'k'.repeat(120)}-${index}`, 'v'.repeat(256)] as const,
    );
    const request = stsCall('AssumeRole', { RoleArn: roleArn, RoleSessionName: 'session', ...tagFields(tags) });
    expect(await refused('sts', request)).toMatchObject({ status: 400, code: 'PackedPolicyTooLarge' });
  });

  it('that were passed on cannot be passed anew', async () => {
    const first = await assumeRole(server, roleArn, {
      ...tagFields([['team', 'a']]),
      'TransitiveTagKeys.member.1': 'team',
    });
    const again = stsCall('AssumeRole', { RoleArn: roleArn, RoleSessionName: 'second', ...tagFields([['TEAM', 'b']]) });
    const message =
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    expect(errorOf(await callAs(server, first, 'sts', again))).toEqual({
      status: 400,
      code: 'InvalidParameterValue',
      message,
    });
    const without = stsCall('AssumeRole', { RoleArn: roleArn, RoleSessionName: 'second' });
    keysOf(await callAs(server, first, 'sts', without));
    const unknown = stsCall('AssumeRole', {
      RoleArn: roleArn,
      RoleSessionName: 'third',
      'TransitiveTagKeys.member.1': 'team',
    });
    const unlisted = 'The specified transitive tag key must be included in the requested tags.';
    expect(await refused('sts', unknown)).toEqual({ status: 400, code: 'InvalidParameterValue', message: unlisted });
  });
});

describe('cost allocation tags', () => {
  const update = (keys: readonly string[], Status = 'Active') =>
    jsonCall('AWSInsightsIndexService.UpdateCostAllocationTagsStatus', {
      CostAllocationTagsStatus: keys.map((TagKey) => ({ TagKey, Status })),
    });
  const keys = (count: number) => Array.from({ length: count }, (_, index) => `iamPrincipal/key-${index}`);

  it('are switched 1 to 20 at a time', async () => {
    const { status, code, message } = await refused('ce', update(keys(21)));
    expect([status, code]).toEqual([400, 'ValidationException']);
    expect(message).toMatch(
      /at 'costAllocationTagsStatus' failed to satisfy constraint: Member must have length less than or equal to 20$/,
    );
    expect((await refused('ce', update([]))).message).toMatch(/length greater than or equal to 1$/);
    expect((await refused('ce', update(['a'], 'On'))).message).toMatch(/enum value set: \[Active, Inactive\]$/);
    expect((await refused('ce', update(['k'.repeat(1_025)]))).message).toMatch(/length less than or equal to 1024$/);
  });

  it('that no usage carries are told key by key, and the call is answered', async () => {
    const { text } = await callAsAdmin(server, 'ce', update(['iamPrincipal/nobody', '__proto__']));
    const error = (TagKey: string) => ({
      TagKey,
      Code: 'TagKeysNotFoundException',
      Message: `Failed to update Cost Allocation Tag: ${TagKey}`,
    });
    expect(JSON.parse(text)).toEqual({ Errors: [error('iamPrincipal/nobody'), error('__proto__')] });
  });
});
