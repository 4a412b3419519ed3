import { describe, expect, it } from 'vitest';
import { readConfig } from '../config.ts';
import { ImportLocations } from './import-locations.ts';

function locations(prefix: string): ImportLocations {
  const bucket = { endpoint: 'http://127.0.0.1:9', prefix };
  const config = {
    ...readConfig(),
    import: { folders: [], buckets: { bills: bucket }, watchMinutes: 15, uploadGib: 1 },
  };
  return new ImportLocations({ config, dataFolder: '/nowhere', environment: {} });
}

describe('a bucket with a prefix', () => {
  it.each(['cur2', 'cur2/'])('opens the folder of that name and no other: %s', async (prefix) => {
    const open = (key: string) => locations(prefix).open(`s3://bills/${key}`);
    for (const key of ['cur2', 'cur2/', 'cur2/bedrock/', 'cur2/a.parquet']) expect(await open(key)).toBeDefined();
    for (const key of ['cur2-secret/', 'cur', '', 'cur2/../secret/', 'secret/cur2/']) {
      await expect(open(key)).rejects.toThrow('is not open to imports');
    }
  });

  it('that is empty opens all of it', async () => {
    expect(await locations('').open('s3://bills/')).toBeDefined();
  });
});
