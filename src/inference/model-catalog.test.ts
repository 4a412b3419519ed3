import { describe, expect, it } from 'vitest';
import { shippedModels } from '../../test/rating/shipped-prices.ts';
import { ModelCatalog } from './model-catalog.ts';

const SCOPE = { region: 'us-east-1', accountId: '123456789012' };
const FM = 'arn:aws:bedrock:us-east-1::foundation-model';
const PROFILE = 'arn:aws:bedrock:us-east-1:123456789012:inference-profile';
const catalog = new ModelCatalog(shippedModels);

const INVALID = expect.objectContaining({
  code: 'ValidationException',
  message: 'The provided model identifier is invalid.',
});
const NOT_FOUND = expect.objectContaining({
  code: 'ResourceNotFoundException',
  message: 'Could not resolve the foundation model from the provided model identifier.',
});

describe('model identifiers', () => {
  it.each(['anthropic.claude-sonnet-4-6', `${FM}/anthropic.claude-sonnet-4-6`])(
    'reads %s as the model in the region',
    (id) => {
      expect(catalog.resolve(id, SCOPE)).toEqual({
        modelId: 'anthropic.claude-sonnet-4-6',
        route: 'in_region',
        resourceArn: `${FM}/anthropic.claude-sonnet-4-6`,
        foundationModelArn: `${FM}/anthropic.claude-sonnet-4-6`,
      });
    },
  );

  it.each([
    ['us.anthropic.claude-sonnet-4-6', 'geo'],
    [`${PROFILE}/us.anthropic.claude-sonnet-4-6`, 'geo'],
    ['global.anthropic.claude-sonnet-4-6', 'global'],
    [`${PROFILE}/global.anthropic.claude-sonnet-4-6`, 'global'],
  ])('reads %s as a %s profile', (id, route) => {
    const profileArn = id.startsWith('arn:') ? id : `${PROFILE}/${id}`;
    expect(catalog.resolve(id, SCOPE)).toEqual({
      modelId: 'anthropic.claude-sonnet-4-6',
      route,
      resourceArn: profileArn,
      inferenceProfileArn: profileArn,
      systemProfileId: profileArn.replace(/^.*[/]/, ''),
      foundationModelArn: `${FM}/anthropic.claude-sonnet-4-6`,
    });
  });

  it.each([
    ['anthropic.claude-sonnet-4-6-v1:0', 'anthropic.claude-sonnet-4-6'],
    ['anthropic.claude-opus-4-6-v1:0', 'anthropic.claude-opus-4-6-v1'],
    ['anthropic.claude-opus-4-6', 'anthropic.claude-opus-4-6-v1'],
    ['us.anthropic.claude-opus-4-6-v1:0', 'anthropic.claude-opus-4-6-v1'],
    ['openai.gpt-oss-120b', 'openai.gpt-oss-120b-1:0'],
    ['amazon.nova-lite-v1', 'amazon.nova-lite-v1:0'],
    ['qwen.qwen3-vl-235b-a22b-v1:0', 'qwen.qwen3-vl-235b-a22b'],
    [`${PROFILE}/global.anthropic.claude-sonnet-5-v1:0`, 'anthropic.claude-sonnet-5'],
    ['claude-sonnet-4-6', 'anthropic.claude-sonnet-4-6'],
    ['claude-opus-4-6', 'anthropic.claude-opus-4-6-v1'],
    ['claude-haiku-4-5', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['claude-haiku-4-5-20251001', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
    ['claude-opus-4-0', 'anthropic.claude-opus-4-20250514-v1:0'],
    ['claude-3-7-sonnet-latest', 'anthropic.claude-3-7-sonnet-20250219-v1:0'],
    ['claude-3-5-sonnet-20241022', 'anthropic.claude-3-5-sonnet-20241022-v2:0'],
    ['us.claude-haiku-4-5', 'anthropic.claude-haiku-4-5-20251001-v1:0'],
  ])('accepts the other spelling %s', (id, modelId) => {
    expect(catalog.resolve(id, SCOPE).modelId).toBe(modelId);
  });

  it('does not take one version of a model for another', () => {
    expect(catalog.resolve('amazon.titan-embed-text-v1', SCOPE).modelId).toBe('amazon.titan-embed-text-v1');
    expect(catalog.resolve('amazon.titan-embed-text-v2:0', SCOPE).modelId).toBe('amazon.titan-embed-text-v2:0');
    expect(() => catalog.resolve('amazon.titan-embed-text-v3:0', SCOPE)).toThrow(INVALID);
  });

  it.each([
    '',
    'claude',
    'anthropic.claude-9',
    '__proto__',
    'global.',
    'xx.anthropic.claude-sonnet-4-6',
    'us.us.anthropic.claude-sonnet-4-6',
    'us.mistral.mistral-large-2402-v1:0',
    'arn:aws:s3:::bucket',
    'arn:aws:bedrock:eu-west-1::foundation-model/anthropic.claude-sonnet-4-6',
  ])('refuses %o as invalid', (id) => {
    expect(() => catalog.resolve(id, SCOPE)).toThrow(INVALID);
  });

  it.each([
    `${FM}/anthropic.claude-9`,
    `${FM}/us.anthropic.claude-sonnet-4-6`,
    `${PROFILE}/us.anthropic.claude-9`,
    'arn:aws:bedrock:us-east-1:999999999999:inference-profile/us.anthropic.claude-sonnet-4-6',
    'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl',
    'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl',
  ])('does not find %s', (id) => {
    expect(() => catalog.resolve(id, SCOPE)).toThrow(NOT_FOUND);
  });

  it('lets a profile be called from its own geography only', () => {
    const from = (region: string, id: string) => () => catalog.resolve(id, { ...SCOPE, region });
    expect(from('eu-west-2', 'eu.anthropic.claude-sonnet-4-6')().route).toBe('geo');
    expect(from('ap-northeast-1', 'jp.anthropic.claude-sonnet-4-6')().route).toBe('geo');
    expect(from('eu-west-1', 'us.anthropic.claude-sonnet-4-6')).toThrow(INVALID);
    expect(from('us-east-1', 'jp.anthropic.claude-sonnet-4-6')).toThrow(INVALID);
    expect(from('sa-east-1', 'global.anthropic.claude-sonnet-4-6')().route).toBe('global');
  });

  it('are all known by their own id and by each of their profiles', () => {
    const regions = ['us-east-1', 'eu-west-1', 'ap-northeast-1', 'ap-southeast-2', 'ca-central-1', 'ap-south-1'];
    for (const { modelId, profiles = [] } of shippedModels) {
      expect(catalog.resolve(modelId, SCOPE).modelId).toBe(modelId);
      const callable = new Set(
        regions.flatMap((region) => catalog.inferenceProfiles({ ...SCOPE, region }).map((one) => one.profileId)),
      );
      for (const prefix of profiles) expect(callable).toContain(`${prefix}.${modelId}`);
    }
  });
});

describe('models of the configuration', () => {
  it('are added, and replace shipped ones of the same id', () => {
    const changed = new ModelCatalog([
      ...shippedModels,
      { modelId: 'acme.llama-tuned' },
      { modelId: 'anthropic.claude-sonnet-4-6', displayName: 'Ours' },
    ]);
    expect(changed.resolve('acme.llama-tuned', SCOPE).route).toBe('in_region');
    expect(changed.model('anthropic.claude-sonnet-4-6')?.displayName).toBe('Ours');
    expect(() => changed.resolve('us.anthropic.claude-sonnet-4-6', SCOPE)).toThrow(INVALID);
  });

  it('may be offered in some regions only', () => {
    const regional = new ModelCatalog([{ modelId: 'acme.one', regions: ['eu-west-1'], profiles: ['global'] }]);
    expect(regional.resolve('acme.one', { ...SCOPE, region: 'eu-west-1' }).modelId).toBe('acme.one');
    expect(() => regional.resolve('acme.one', SCOPE)).toThrow(INVALID);
    expect(regional.models('us-east-1')).toEqual([]);
    expect(regional.inferenceProfiles(SCOPE)).toEqual([]);
  });

  it('that would share a spelling must be named in full', () => {
    const twins = new ModelCatalog([{ modelId: 'acme.one-v1:0' }, { modelId: 'acme.one-1:0' }]);
    expect(twins.resolve('acme.one-v1:0', SCOPE).modelId).toBe('acme.one-v1:0');
    expect(twins.resolve('acme.one-1:0', SCOPE).modelId).toBe('acme.one-1:0');
    expect(() => twins.resolve('acme.one', SCOPE)).toThrow(INVALID);
  });
});

describe('inference profiles', () => {
  it('read as AWS writes them', () => {
    const profile = catalog
      .inferenceProfiles(SCOPE)
      .find(({ profileId }) => profileId === 'us.anthropic.claude-haiku-4-5-20251001-v1:0');
    expect(profile).toEqual({
      profileId: 'us.anthropic.claude-haiku-4-5-20251001-v1:0',
      profileArn: `${PROFILE}/us.anthropic.claude-haiku-4-5-20251001-v1:0`,
      name: 'US Anthropic Claude Haiku 4.5',
      description: 'Routes requests to Anthropic Claude Haiku 4.5 in us-east-1, us-east-2 and us-west-2.',
      modelArns: ['us-east-1', 'us-east-2', 'us-west-2'].map(
        (region) => `arn:aws:bedrock:${region}::foundation-model/anthropic.claude-haiku-4-5-20251001-v1:0`,
      ),
    });
  });

  it('include the region they are called from', () => {
    const london = catalog.inferenceProfiles({ ...SCOPE, region: 'eu-west-2' });
    const profile = london.find(({ profileId }) => profileId === 'eu.anthropic.claude-sonnet-4-6');
    expect(profile?.modelArns).toContain('arn:aws:bedrock:eu-west-2::foundation-model/anthropic.claude-sonnet-4-6');
    expect(london.some(({ profileId }) => profileId.startsWith('us.'))).toBe(false);
  });
});
