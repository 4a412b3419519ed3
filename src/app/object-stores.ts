import { join } from 'node:path';
import { FolderObjectStore } from '../adapters/folder-object-store.ts';
import type { ExportDestinationConfig, ExportsConfig, S3DestinationConfig } from '../config.ts';
import { BucketOwners, notOpen } from '../kernel/bucket-owners.ts';
import { Fault } from '../kernel/fault.ts';
import type { ObjectStore, ObjectStoreOf } from '../kernel/object-store.ts';
import type { RecordStore } from '../kernel/record-store.ts';

type Environment = Readonly<Record<string, string | undefined>>;

interface Place {
  readonly accountId: string;
  readonly region: string;
}

/** Where buckets are, and for whom. */
export interface ObjectStores {
  readonly storeOf: ObjectStoreOf;
  readonly owners: BucketOwners;
  /**
   * Makes buckets the account's own whose content it is going to read. In an S3 that is not listed by bucket, the operator's
   * credentials may reach what belongs to others: there the operator must have named the account, whatever the account has
   * written there. Throws ValidationException.
   */
  readonly use: (accountId: string, buckets: readonly string[]) => Promise<void>;
  /** Takes a bucket for an account that is going to write there, and writes an empty object. Throws what is in the way. */
  readonly prove: (place: Place, bucket: string, key: string) => Promise<void>;
}

/** The configured destinations. Throws ConfigInvalid when a variable with credentials is not set. */
export async function openObjectStores(
  config: ExportsConfig,
  dataFolder: string,
  environment: Environment,
  records: RecordStore,
  managementAccountId: string,
): Promise<ObjectStores> {
  const folder = new FolderObjectStore(join(dataFolder, 'exports'));
  const open = (one: ExportDestinationConfig) => (one.type === 'folder' ? folder : openS3(one, environment));
  const byBucket = new Map<string, ObjectStore>();
  for (const [name, one] of Object.entries(config.buckets)) byBucket.set(name, await open(one));
  const otherwise = await open(config.destination);
  const named = Object.entries(config.buckets).flatMap(([name, { accounts }]) =>
    accounts === undefined ? [] : [[name, accounts] as const],
  );
  const typeOf = (bucket: string) => (config.buckets[bucket] ?? config.destination).type;
  // What the operator's credentials reach in an S3 may be anybody's.
  const isFree = (accountId: string, bucket: string) =>
    typeOf(bucket) === 'folder' || accountId === managementAccountId;
  const owners = new BucketOwners(records, new Map(named), isFree);
  const storeOf = (bucketName: string) => byBucket.get(bucketName) ?? otherwise;
  return {
    storeOf,
    owners,
    prove: async ({ accountId, region }, bucket, key) => {
      const claim = owners.claim(accountId, bucket);
      await storeOf(bucket).put({ name: bucket, region }, key, '');
      if (claim.length > 0) await records.write(claim);
    },
    use: async (accountId, buckets) => {
      for (const name of new Set(buckets)) {
        if (typeOf(name) === 's3' && !owners.isNamed(accountId, name)) throw notOpen(name);
        const claim = owners.claim(accountId, name);
        if (claim.length > 0) await records.write(claim);
      }
    },
  };
}

/** The S3 client is loaded only where it is used: it takes a quarter of a second and 30 MB. */
async function openS3(config: S3DestinationConfig, environment: Environment): Promise<ObjectStore> {
  const { S3ObjectStore } = await import('../adapters/s3-object-store.ts');
  const { endpoint, region, pathStyle = endpoint !== undefined } = config;
  const read = (name: string | undefined) => (name === undefined ? undefined : required(name, environment));
  const accessKeyId = read(config.accessKeyIdEnv);
  const secretAccessKey = read(config.secretAccessKeyEnv);
  const sessionToken = read(config.sessionTokenEnv);
  return new S3ObjectStore({
    pathStyle,
    ...(endpoint !== undefined && { endpoint }),
    ...(region !== undefined && { region }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && {
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
      }),
  });
}

function required(name: string, environment: Environment): string {
  const value = environment[name];
  if (value) return value;
  throw new Fault(
    'ConfigInvalid',
    `the destination of exports needs the environment variable \`${name}\`, which is not set`,
  );
}
