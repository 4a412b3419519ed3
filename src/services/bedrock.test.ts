import { describe, expect, it } from 'vitest';
import { shippedModels } from '../../test/rating/shipped-prices.ts';
import type { Caller } from '../identity/principal.ts';
import { ModelCatalog } from '../inference/model-catalog.ts';
import { NO_TAGS } from '../kernel/tags.ts';
import type { OperationCall } from '../paths/operation-handler.ts';
import type { WireRequest } from '../wire/exchange.ts';
import { bedrockOperations } from './bedrock.ts';

const operations = bedrockOperations({ catalog: new ModelCatalog(shippedModels) });

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
  clientGone: new AbortController().signal,
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

  it('tells system profiles from application profiles, of which there are none', () => {
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
