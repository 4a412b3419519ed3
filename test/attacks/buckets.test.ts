import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { openObjectStores } from '../../src/app/object-stores.ts';
import type { ExportsConfig } from '../../src/config.ts';
import { S3_CREDENTIALS } from '../s3/s3-credentials.ts';
import { S3Server } from '../s3/s3-server.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
it('a bucket that the operator can read, taken by switching the invocation log to it first: still not read', async () => {
  const s3 = await S3Server.start('payroll', 'shared');
  const folder = mkdtempSync(`${tmpdir()}/tallyline-buckets-`);
  const credentials = { accessKeyIdEnv: 'KEY_ID', secretAccessKeyEnv: 'SECRET' };
  const destination = { type: 's3', endpoint: s3.url, region: 'us-east-1', ...credentials } as const;
  const buckets = { shared: { ...destination, accounts: ['111122223333'] } };
  const environment = { KEY_ID: S3_CREDENTIALS.accessKeyId, SECRET: S3_CREDENTIALS.secretAccessKey };
  const records = new SqliteRecordStore(':memory:', () => 0);
  const config = { destination, buckets } as unknown as ExportsConfig;
  const stores = await openObjectStores(config, folder, environment, records, '123456789012');
  const place = { accountId: '111122223333', region: 'us-east-1' };
  await stores.prove({ ...place, accountId: '123456789012' }, 'payroll', 'log/check');
  await expect(stores.use('123456789012', ['payroll'])).rejects.toThrow('not open to this account');
  await expect(stores.use(place.accountId, ['shared'])).resolves.toBeUndefined();
  await expect(stores.use('444455556666', ['shared'])).rejects.toThrow('not open to this account');
  await s3.close();
  rmSync(folder, { recursive: true });
});

it('a bucket of the S3 of all exports, named by a member account first: not written to', async () => {
  const s3 = await S3Server.start('payroll', 'shared');
  const credentials = { accessKeyIdEnv: 'KEY_ID', secretAccessKeyEnv: 'SECRET' };
  const destination = { type: 's3', endpoint: s3.url, region: 'us-east-1', ...credentials } as const;
  const buckets = { shared: { ...destination, accounts: ['111122223333'] }, local: { type: 'folder' } };
  const environment = { KEY_ID: S3_CREDENTIALS.accessKeyId, SECRET: S3_CREDENTIALS.secretAccessKey };
  const records = new SqliteRecordStore(':memory:', () => 0);
  const config = { destination, buckets } as unknown as ExportsConfig;
  const { prove, owners } = await openObjectStores(config, tmpdir(), environment, records, '123456789012');
  const place = { accountId: '111122223333', region: 'us-east-1' };
  await expect(prove(place, 'payroll', 'log/check')).rejects.toThrow('not open to this account');
  expect(() => owners.claim(place.accountId, 'payroll')).toThrow('not open to this account');
  expect(s3.keys('payroll')).toEqual([]);
  await expect(prove(place, 'shared', 'log/check')).resolves.toBeUndefined();
  expect(owners.claim(place.accountId, 'local')).toHaveLength(1);
  expect(owners.claim('123456789012', 'payroll')).toHaveLength(1);
  await s3.close();
});
