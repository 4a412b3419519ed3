import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/identity/installation.ts';
import { shippedModels } from '../../test/rating/shipped-prices.ts';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import type { Caller } from '../identity/principal.ts';
import { ApplicationInferenceProfiles } from '../inference/application-inference-profile.ts';
import { ModelCatalog } from '../inference/model-catalog.ts';
import { ClientPresence } from '../kernel/client-presence.ts';
import { NO_TAGS } from '../kernel/tags.ts';
import type { OperationCall } from '../paths/operation-handler.ts';
import type { WireRequest } from '../wire/exchange.ts';
import { bedrockOperations } from './bedrock.ts';

const inferenceProfiles = new ApplicationInferenceProfiles(new SqliteRecordStore(':memory:', () => 0));
const operations = bedrockOperations({
  catalog: new ModelCatalog(shippedModels, inferenceProfiles),
  inferenceProfiles,
  random: seededRandom('bedrock'),
});

const CALLER: Caller = {
  kind: 'user',
  arn: 'arn:aws:iam::123456789012:user/alice',
  principalArn: 'arn:aws:iam::123456789012:user/alice',
  accountId: '123456789012',
  userId: 'AIDAALICE',
  principalId: 'AIDAALICE',
  accessKeyId: 'AKIAALICE',
  tags: NO_TAGS,
};

const REQUEST: WireRequest = {
  method: 'GET',
  path: '/',
  query: '',
  headers: {},
  body: Buffer.alloc(0),
  httpVersion: '1.1',
  isTls: false,
  sourceIp: '127.0.0.1',
  receivedAtMs: 0,
  client: new ClientPresence(),
};

function callOf(input: unknown, region = 'us-east-1'): OperationCall<unknown> {
  return { requestId: 'r', caller: CALLER, input, request: REQUEST, region, nowMs: 0 };
}

function run(name: string, input: unknown, region?: string) {
  return operations[name]!.run(callOf(input, region));
}

function needs(name: string, input: unknown) {
  const { access } = operations[name]!;
  return typeof access === 'function' ? access(callOf(input)) : access;
}

describe('ListFoundationModels', () => {
  const idsOf = (input: unknown): string[] =>
    run('ListFoundationModels', input).modelSummaries.map(({ modelId }: { modelId: string }) => modelId);

  it("describes a model in AWS's shape", () => {
    const { modelSummaries } = run('ListFoundationModels', {});
    expect(modelSummaries).toContainEqual({
      modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
      modelId: 'anthropic.claude-sonnet-4-6',
      modelName: 'Claude Sonnet 4.6',
      providerName: 'Anthropic',
      inputModalities: ['TEXT', 'IMAGE'],
      outputModalities: ['TEXT'],
      responseStreamingSupported: true,
      customizationsSupported: [],
      inferenceTypesSupported: ['ON_DEMAND'],
      modelLifecycle: { status: 'ACTIVE' },
    });
    expect(modelSummaries).toHaveLength(shippedModels.length);
  });

  it('filters by every given property', () => {
    expect(idsOf({ byProvider: 'anthropic' }).every((id) => id.startsWith('anthropic.'))).toBe(true);
    expect(idsOf({ byProvider: 'Amazon', byOutputModality: 'EMBEDDING' })).toEqual([
      'amazon.titan-embed-g1-text-02',
      'amazon.titan-embed-image-v1',
      'amazon.titan-embed-text-v1',
      'amazon.titan-embed-text-v2:0',
    ]);
    expect(idsOf({ byInferenceType: 'ON_DEMAND' })).toHaveLength(shippedModels.length);
    expect(idsOf({ byInferenceType: 'PROVISIONED' })).toEqual([]);
    expect(idsOf({ byCustomizationType: 'FINE_TUNING' })).toEqual([]);
    expect(idsOf({ byProvider: 'nobody' })).toEqual([]);
  });
});

describe('GetFoundationModel', () => {
  it.each(['amazon.nova-lite-v1:0', 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0'])(
    'reads %s',
    (modelIdentifier) => {
      expect(run('GetFoundationModel', { modelIdentifier }).modelDetails.modelId).toBe('amazon.nova-lite-v1:0');
    },
  );

  it.each(['amazon.nova-9', 'us.amazon.nova-lite-v1:0'])('refuses %s, which is no model', (modelIdentifier) => {
    expect(() => run('GetFoundationModel', { modelIdentifier })).toThrow(
      expect.objectContaining({ code: 'ValidationException' }),
    );
  });

  it('asks for permission on the model, known or not', () => {
    expect(needs('GetFoundationModel', { modelIdentifier: 'amazon.nova-9' })).toEqual([
      { action: 'bedrock:GetFoundationModel', resource: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-9' },
    ]);
  });
});

describe('ListInferenceProfiles', () => {
  it('gives every profile once, however small the pages', () => {
    const whole = run('ListInferenceProfiles', { maxResults: 1000 });
    expect(whole.nextToken).toBeUndefined();
    const paged: unknown[] = [];
    let nextToken: string | undefined;
    do {
      const page = run('ListInferenceProfiles', { maxResults: 7, ...(nextToken ? { nextToken } : {}) });
      expect(page.inferenceProfileSummaries.length).toBeLessThanOrEqual(7);
      paged.push(...page.inferenceProfileSummaries);
      nextToken = page.nextToken;
    } while (nextToken);
    expect(paged).toEqual(whole.inferenceProfileSummaries);
    expect(paged.length).toBeGreaterThan(40);
  });

  it('tells system profiles from application profiles, of which there are none at first', () => {
    expect(run('ListInferenceProfiles', { typeEquals: 'APPLICATION' })).toEqual({ inferenceProfileSummaries: [] });
    expect(
      run('ListInferenceProfiles', { typeEquals: 'SYSTEM_DEFINED' }).inferenceProfileSummaries.length,
    ).toBeGreaterThan(40);
  });

  it('refuses a token that is not its own', () => {
    expect(() => run('ListInferenceProfiles', { nextToken: 'AAAA' })).toThrow(
      expect.objectContaining({ code: 'ValidationException' }),
    );
  });
});

describe('GetInferenceProfile', () => {
  const arn = 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-lite-v1:0';

  it.each(['eu.amazon.nova-lite-v1:0', arn])('reads %s', (inferenceProfileIdentifier) => {
    const profile = run('GetInferenceProfile', { inferenceProfileIdentifier }, 'eu-west-1');
    expect(profile).toMatchObject({ inferenceProfileArn: arn, status: 'ACTIVE', type: 'SYSTEM_DEFINED' });
    expect(profile.models).toContainEqual({
      modelArn: 'arn:aws:bedrock:eu-west-3::foundation-model/amazon.nova-lite-v1:0',
    });
  });

  it('does not find a profile of another region', () => {
    expect(() =>
      run('GetInferenceProfile', { inferenceProfileIdentifier: 'us.amazon.nova-lite-v1:0' }, 'eu-west-1'),
    ).toThrow(expect.objectContaining({ code: 'ResourceNotFoundException' }));
  });

  it('asks for permission on the profile', () => {
    expect(needs('GetInferenceProfile', { inferenceProfileIdentifier: 'us.amazon.nova-lite-v1:0' })).toEqual([
      {
        action: 'bedrock:GetInferenceProfile',
        resource: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-lite-v1:0',
      },
    ]);
  });
});

describe('application inference profiles', () => {
  const copyFrom = 'arn:aws:bedrock:us-west-2::foundation-model/amazon.nova-lite-v1:0';
  const create = (input: object = {}) =>
    run('CreateInferenceProfile', { inferenceProfileName: 'p', modelSource: { copyFrom }, ...input }, 'us-west-2');
  const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ key: `k${index}`, value: '' }));

  it('ask for permission on the source and on what is made, with the tags of the request', () => {
    const input = { inferenceProfileName: 'p', modelSource: { copyFrom }, tags: [{ key: 'team', value: 'ds' }] };
    const context = new Map([
      ['aws:requesttag/team', ['ds']],
      ['aws:tagkeys', ['team']],
    ]);
    const made = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/*';
    expect(needs('CreateInferenceProfile', input)).toEqual([
      { action: 'bedrock:CreateInferenceProfile', resource: copyFrom, context },
      { action: 'bedrock:CreateInferenceProfile', resource: made, context },
      { action: 'bedrock:TagResource', resource: made, context },
    ]);
  });

  it('are made once per client request token, also by two requests at the same time', async () => {
    const token = { clientRequestToken: 'one-token' };
    const [first, second] = await Promise.all([create(token), create({ ...token, inferenceProfileName: 'other' })]);
    expect(second).toEqual(first);
    expect(await create(token)).toEqual(first);
    await run('DeleteInferenceProfile', { inferenceProfileIdentifier: first.inferenceProfileArn }, 'us-west-2');
    expect(await create(token)).not.toEqual(first);
  });

  it('keep two changes of tags that meet', async () => {
    const { inferenceProfileArn: resourceARN } = await create();
    const tag = (key: string) => run('TagResource', { resourceARN, tags: [{ key, value: '1' }] }, 'us-west-2');
    await Promise.all([tag('a'), tag('b'), tag('c')]);
    const listed = await run('ListTagsForResource', { resourceARN }, 'us-west-2');
    expect(listed.tags.map(({ key }: { key: string }) => key).sort()).toEqual(['a', 'b', 'c']);
  });

  it('have at most fifty tags', async () => {
    const { inferenceProfileArn: resourceARN } = await create({ tags: tags(50) });
    const tag = (key: string) => run('TagResource', { resourceARN, tags: [{ key, value: 'x' }] }, 'us-west-2');
    await tag('k7');
    const tooMany = { code: 'TooManyTagsException', fields: { resourceName: resourceARN } };
    await expect(tag('one more')).rejects.toMatchObject(tooMany);
    await expect(create({ tags: tags(51) })).rejects.toMatchObject({ code: 'TooManyTagsException' });
    await expect(create({ tags: [...tags(1), ...tags(1)] })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(create({ tags: [{ key: 'AWS:x', value: '' }] })).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });

  it('are at most a thousand in a region', async () => {
    const present = inferenceProfiles.of({ accountId: CALLER.accountId, region: 'us-west-2' }).length;
    for (let made = present; made < 1_000; made += 1) await create();
    await expect(create()).rejects.toMatchObject({ code: 'ServiceQuotaExceededException' });
    const whole = run('ListInferenceProfiles', { typeEquals: 'APPLICATION', maxResults: 1_000 }, 'us-west-2');
    expect(whole.inferenceProfileSummaries).toHaveLength(1_000);
    expect(run('ListInferenceProfiles', { typeEquals: 'APPLICATION' })).toEqual({ inferenceProfileSummaries: [] });
  });
});
