import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import schema from './config/config.schema.json' with { type: 'json' };
import { readConfig } from './config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-config-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function read(yaml: string): ReturnType<typeof readConfig> {
  const path = join(folder, 'tallyline.yaml');
  writeFileSync(path, yaml);
  return readConfig(path);
}

describe('readConfig', () => {
  it('is complete without a file', () => {
    expect(readConfig()).toEqual({
      account: { id: '123456789012', name: 'Tallyline' },
      costExplorer: { extensions: false },
      detection: { enabled: true, subjects: 500, billNoticeDays: 7, subscribers: [] },
      reconciliation: { alert: { subscribers: [] } },
      region: 'us-east-1',
      durability: 'fsync',
      gatherMs: 800,
      ...{ aliases: {}, routes: {} },
      listen: { host: '127.0.0.1', port: 4280 },
      audit: {},
      federation: { samlRecipients: [], samlAudiences: [] },
      billing: {
        ...{ awsDelays: false, discounts: { privateRates: [], percentages: [] } },
        ...{ closeAfterDays: 14, tax: [], marketplace: [] },
      },
      budgets: { refreshSeconds: 60 },
      gateway: { keys: { maxDays: 365 }, oidc: [] },
      heldModels: [],
      hardBudgets: { defaultMaxOutputTokens: 64_000, maxOutputTokens: {}, reservationSeconds: 3_600, budgets: [] },
      runawayGuard: { action: 'warn', holdSeconds: 900, subscribers: [] },
      notices: { webhooks: [], topics: [] },
      exports: { destination: { type: 'folder' }, buckets: {}, lineItemsPerFile: 250_000 },
      import: { folders: [], buckets: {}, watchMinutes: 15, uploadGib: 16 },
      invocationLog: { redact: [], inlineBytesMax: 100_000, bodyBytesMax: 26_000_000, flushSeconds: 60 },
      batches: { recordsAtOnce: 8, maxRecords: 50_000, pollSeconds: 60 },
      console: { sessionHours: 8, teamTagKey: 'team', timeZone: 'UTC' },
      logLevel: 'info',
    });
  });

  it('is judged by a valid schema', () => {
    expect(new Ajv({ strict: false }).validateSchema(schema)).toBe(true);
  });

  it('takes an empty file for all defaults and fills in those of an upstream', () => {
    expect(read('')).toEqual(readConfig());
    const { upstreams } = read('upstreams: [{ name: vllm, type: openai, url: "http://127.0.0.1:8000/v1" }]');
    expect(upstreams?.[0]).toMatchObject({
      maxConnections: 256,
      connectTimeoutMs: 5_000,
      headersTimeoutMs: 300_000,
      maxTokensField: 'max_tokens',
      responses: false,
    });
  });

  it('names the member that is wrong', () => {
    const faults = [
      ['durability: sometimes', /`durability` must be one of fsync, os, memory/],
      ['listen: { port: 99999 }', /`listen.port` must be <= 65535/],
      ['acount: {}', /the top level has no member `acount`/],
      ['account: { id: "12" }', /`account.id` must match pattern/],
      [
        'prices: [{ modelId: a.b, meter: input, usdPerMillionTokens: 0.5 }]',
        /`prices.0.usdPerMillionTokens` must be string/,
      ],
      ['listen: [', /is not valid YAML/],
    ] as const;
    for (const [yaml, message] of faults) expect(() => read(yaml), yaml).toThrowError(message);
    expect(() => readConfig(join(folder, 'none.yaml'))).toThrowError(/cannot read the configuration/);
  });

  it('lets an upstream work on batches in a bucket alone that no account may use', () => {
    const batch = '{ roleArn: "arn:aws:iam::123456789012:role/B", workFolder: "s3://own/jobs/" }';
    const upstreams = `upstreams: [{ name: aws, type: bedrock, batch: ${batch} }]`;
    const bucket = (accounts: string) => `exports: { buckets: { own: { type: s3, accounts: ${accounts} } } }`;
    expect(() => read(upstreams)).toThrow('list the bucket `own` under `exports.buckets` with `accounts: []`');
    expect(() => read(`${upstreams}\n${bucket('["111122223333"]')}`)).toThrow('must be nobody');
    expect(read(`${upstreams}\n${bucket('[]')}`).upstreams).toHaveLength(1);
  });
});
