import { join } from 'node:path';
import { FolderExportDestination } from '../adapters/folder-export-destination.ts';
import type { ExportDestinationConfig, ExportsConfig, S3DestinationConfig } from '../config.ts';
import { Fault } from '../kernel/fault.ts';
import type { DestinationOf, ExportDestination } from '../reports/export-destination.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** The configured destinations. Throws ConfigInvalid when a variable with credentials is not set. */
export async function openExportDestinations(
  config: ExportsConfig,
  dataFolder: string,
  environment: Environment,
): Promise<DestinationOf> {
  const folder = new FolderExportDestination(join(dataFolder, 'exports'));
  const open = (one: ExportDestinationConfig) => (one.type === 'folder' ? folder : openS3(one, environment));
  const byBucket = new Map<string, ExportDestination>();
  for (const [name, one] of Object.entries(config.buckets)) byBucket.set(name, await open(one));
  const otherwise = await open(config.destination);
  return (bucketName) => byBucket.get(bucketName) ?? otherwise;
}

/** The S3 client is loaded only where it is used: it takes a quarter of a second and 30 MB. */
async function openS3(config: S3DestinationConfig, environment: Environment): Promise<ExportDestination> {
  const { S3ExportDestination } = await import('../adapters/s3-export-destination.ts');
  const { endpoint, region, pathStyle = endpoint !== undefined } = config;
  const read = (name: string | undefined) => (name === undefined ? undefined : required(name, environment));
  const accessKeyId = read(config.accessKeyIdEnv);
  const secretAccessKey = read(config.secretAccessKeyEnv);
  const sessionToken = read(config.sessionTokenEnv);
  return new S3ExportDestination({
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
