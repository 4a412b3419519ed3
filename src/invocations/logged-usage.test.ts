import { describe, expect, it } from 'vitest';
import { shippedBook, shippedModels } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { ModelCatalog } from '../inference/model-catalog.ts';
import { itemize } from '../rating/itemize.ts';
import { invocationRecord } from './invocation-record.ts';
import { invocationLogFile, type LoggedUsage, type ModelOf, readLoggedUsage } from './logged-usage.ts';

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
  ...{ accountId: '123456789012', region: 'us-east-1', inferenceRegion: 'us-west-2', requestId: 'r-1' },
  identity: { arn: 'arn:aws:sts::123456789012:assumed-role/Role/alice@example.com' },
  operation: 'Converse',
  modelId: 'us.anthropic.claude-sonnet-4-6',
  input: { inputTokenCount: 1000, cacheReadInputTokenCount: 400, cacheWriteInputTokenCount: 200 },
  output: { outputTokenCount: 50, outputBodyJson: { usage: { cacheDetails: [{ ttl: '1h', inputTokens: 150 }] } } },
  requestMetadata: { project: 'docflow', cost: 'x' },
};

const read = (record: object) => readLoggedUsage(record, modelOf) as LoggedUsage;

it('reads who called what, when and how much', () => {
  const { event, inferenceRegion } = read(RECORD);
  expect(inferenceRegion).toBe('us-west-2');
  expect(event).toMatchObject({
    ...{ requestId: 'r-1', admittedAtMs: Date.UTC(2026, 4, 1, 12), principalArn: RECORD.identity.arn },
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

  it.each([
    [{}, 'no model invocation record'],
    [{ ...RECORD, operation: 'Teleport' }, 'operation `Teleport`'],
    [{ ...RECORD, timestamp: 'soon' }, 'timestamp `soon`'],
    ['text', 'no model invocation record'],
  ])('says why it skips %j', (record, skipped) => {
    expect(readLoggedUsage(record, modelOf)).toEqual({ skipped });
  });
});

it('knows the files of a log by their keys', () => {
  const folder = 'logs/AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/05/01/12/';
  const hour = { accountId: '123456789012', region: 'us-east-1', hourMs: Date.UTC(2026, 4, 1, 12) };
  expect(invocationLogFile(`${folder}20260501T123000000Z_abc.json.gz`)).toEqual(hour);
  expect(invocationLogFile(`${folder}data/r-1_input.json.gz`)).toBeUndefined();
  expect(invocationLogFile('logs/AWSLogs/123456789012/CloudTrail/us-east-1/2026/05/01/x.json.gz')).toBeUndefined();
});
