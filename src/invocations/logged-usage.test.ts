import { describe, expect, it } from 'vitest';
import { shippedBook, shippedModels } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { ModelCatalog } from '../inference/model-catalog.ts';
import { itemize } from '../rating/itemize.ts';
import { invocationRecord } from './invocation-record.ts';
import { type LoggedUsage, type ModelOf, readLoggedUsage } from './logged-usage.ts';

const CATALOG = new ModelCatalog(shippedModels);
const modelOf: ModelOf = (id, scope) => {
  try {
    return CATALOG.resolve(id, scope);
  } catch {
    return undefined;
  }
};

/** As in AWS's samples; values are made up. */
const RECORD = {
  ...{ schemaType: 'ModelInvocationLog', schemaVersion: '1.0', timestamp: '2026-05-01T12:00:00Z' },
  ...{ accountId: '123456789012', region: 'us-east-1', inferenceRegion: 'us-west-2' },
  requestId: 'B5F1A6C2-3D4E-4F50-8A6B-7C8D9E0F1A2B',
  identity: { arn: 'arn:aws:sts::123456789012:assumed-role/Role/alice@example.com' },
  operation: 'Converse',
  modelId: 'us.anthropic.claude-sonnet-4-6',
  input: { inputTokenCount: 1000, cacheReadInputTokenCount: 400, cacheWriteInputTokenCount: 200 },
  output: { outputTokenCount: 50, outputBodyJson: { usage: { cacheDetails: [{ ttl: '1h', inputTokens: 150 }] } } },
  requestMetadata: { project: 'docflow', cost: 'x' },
};

const NOW_MS = Date.UTC(2026, 10, 29);
const read = (record: object) => readLoggedUsage(record, modelOf, NOW_MS) as LoggedUsage;

it('reads who called what, when and how much', () => {
  const { event, ...known } = read(RECORD);
  expect(known).toEqual({ isKnownModel: true, isCounted: true, gatewayRequestId: '' });
  expect(JSON.parse(event.usage.raw)).toMatchObject({ inferenceRegion: 'us-west-2', inputTokenCount: 1000 });
  expect(event).toMatchObject({
    ...{
      requestId: RECORD.requestId.toLowerCase(),
      upstreamRequestId: RECORD.requestId,
      admittedAtMs: Date.UTC(2026, 4, 1, 12),
      principalArn: RECORD.identity.arn,
    },
    ...{
      modelId: 'anthropic.claude-sonnet-4-6',
      route: 'geo',
      region: 'us-east-1',
      tier: 'standard',
      status: 'completed',
    },
    requestMetadata: [
      ['cost', 'x'],
      ['project', 'docflow'],
    ],
    usage: {
      ...{ inputTokens: 1000, outputTokens: 50, cacheReadInputTokens: 400, isEstimated: true },
      ...{ cacheWrite5mInputTokens: 50, cacheWrite1hInputTokens: 150 },
    },
  });
});

it('can be rated with the price book, as an estimate', () => {
  const lines = itemize([read(RECORD).event], shippedBook(), []);
  const cost = lines.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
  // 1000 x 3.30 + 50 x 16.50 + 400 x 0.33 + 50 x 4.125 + 150 x 6.60, per million.
  expect(cost).toBe(5_453_250_000n);
  expect(lines.every(({ isEstimated }) => isEstimated)).toBe(true);
});

it('reads back the records that are written here', () => {
  const event = usageEvent({
    ...{
      modelId: 'anthropic.claude-sonnet-4-6',
      requestedModelId: 'global.anthropic.claude-sonnet-4-6',
      route: 'global',
    },
    ...{ region: 'us-east-1', accountId: '123456789012' },
    usage: { inputTokens: 7, outputTokens: 5, cacheReadInputTokens: 3 },
  });
  const rules = { redact: [], inlineBytesMax: 0, bodyBytesMax: 0, folderUri: 's3://logs/' };
  const body = { contentType: 'application/json' };
  const { record } = invocationRecord({ event, input: body, output: body }, rules);
  const { requestId, principalArn, operation, modelId, route, region } = event;
  expect(read(record).event).toMatchObject({ requestId, principalArn, operation, modelId, route, region });
  expect(read(record).event.usage).toMatchObject({ inputTokens: 7, outputTokens: 5, cacheReadInputTokens: 3 });
});

describe('what is not plain', () => {
  it('keeps a model that nobody knows under its id', () => {
    expect(read({ ...RECORD, modelId: 'eu.acme.new-v1:0' }).event).toMatchObject({
      modelId: 'acme.new-v1:0',
      route: 'geo',
    });
  });

  it('takes counts from the body where the record has none, and nothing from numbers that count nothing', () => {
    const output = { outputBodyJson: [{ x: 1 }, { metadata: { usage: { inputTokens: 9, outputTokens: 4 } } }] };
    expect(read({ ...RECORD, input: {}, output }).event.usage).toMatchObject({ inputTokens: 9, outputTokens: 4 });
    expect(read({ ...RECORD, input: { inputTokenCount: -1 }, output: {} }).event.usage).toMatchObject({
      inputTokens: 0,
    });
  });

  it('knows calls that failed, and tiers', () => {
    const failed = read({ ...RECORD, errorCode: 'ThrottlingException', performanceConfig: { latency: 'optimized' } });
    expect(failed.event).toMatchObject({
      status: 'failed',
      errorCode: 'ThrottlingException',
      tier: 'latency_optimized',
    });
  });

  it('gives an id that is no UUID one that is always the same, and believes no id of a request that is none', () => {
    const named = { ...RECORD, requestId: 'r-1', requestMetadata: { 'tallyline.request_id': 'mine' } };
    const { event, gatewayRequestId } = read(named);
    expect(event.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(read(named).event.requestId).toBe(event.requestId);
    expect(read({ ...named, region: 'us-west-2' }).event.requestId).not.toBe(event.requestId);
    expect(gatewayRequestId).toBe('');
    const requestId = 'b5f1a6c2-3d4e-4f50-8a6b-7c8d9e0f1a2c';
    expect(read({ ...RECORD, requestMetadata: { 'tallyline.request_id': requestId } }).gatewayRequestId).toBe(
      requestId,
    );
  });

  it('adds up what the pieces of a stream of Claude say', () => {
    const outputBodyJson = [
      {
        type: 'message_start',
        message: { usage: { input_tokens: 12, cache_read_input_tokens: 900, output_tokens: 1 } },
      },
      { type: 'content_block_delta', delta: { text: 'Hi' } },
      { type: 'message_delta', usage: { output_tokens: 33 } },
    ];
    const streamed = { ...RECORD, operation: 'InvokeModelWithResponseStream', input: {}, output: { outputBodyJson } };
    expect(read(streamed).event.usage).toMatchObject({ inputTokens: 12, cacheReadInputTokens: 900, outputTokens: 33 });
  });

  it('says where nothing is counted', () => {
    expect(read({ ...RECORD, input: {}, output: {} }).isCounted).toBe(false);
    expect(read({ ...RECORD, modelId: 'eu.acme.new-v1:0' }).isKnownModel).toBe(false);
  });

  it.each([
    [{}, 'no model invocation record'],
    [{ ...RECORD, operation: 'Teleport' }, 'operation `Teleport` is not understood'],
    [{ ...RECORD, timestamp: 'soon' }, 'no time at which it can have been'],
    [{ ...RECORD, timestamp: '2030-01-01T00:00:00Z' }, 'no time at which it can have been'],
    [{ ...RECORD, region: '../..' }, 'no account and region'],
    [{ ...RECORD, requestId: undefined }, 'no request id'],
    [{ ...RECORD, requestId: 'x'.repeat(129) }, 'no request id'],
    ['text', 'no model invocation record'],
  ])('says why it skips %j', (record, skipped) => {
    expect(readLoggedUsage(record, modelOf, NOW_MS)).toEqual({ skipped });
  });

  it('takes no more from a hostile record than a journal has room for', () => {
    const long = '\u0001'.repeat(100_000);
    const hostile = { ...RECORD, modelId: long, identity: { arn: `a\u0000${long}` } };
    const requestMetadata = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`${index}${long}`, long]));
    const { event } = read({ ...hostile, requestMetadata, errorCode: long });
    expect(event.principalArn).not.toContain('\u0000');
    expect(JSON.stringify(event).length * 3).toBeLessThan(2 ** 20);
  });
});
