import { mkdir, readdir, realpath } from 'node:fs/promises';
import { isAbsolute, join, sep } from 'node:path';
import { FolderSourceFiles } from '../adapters/folder-source-files.ts';
import type { ImportBucketConfig, ImportConfig } from '../config/import-config.ts';
import type { Config } from '../config.ts';
import { fileTypeOf } from '../imports/file-type.ts';
import type { SourceFiles } from '../imports/source-files.ts';
import { uploadedName } from '../imports/upload-location.ts';
import { Fault } from '../kernel/fault.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface ImportLocationsParts {
  readonly dataFolder: string;
  readonly config: Pick<Config, 'import' | 'region'>;
  readonly environment: Environment;
}

/**
 * Which places bills may be read from. Of this machine: folders that the configuration names, the data folder's `imports`, and
 * what links in there point to. Who may write into the data folder has the master key, so a link takes no more rights than
 * that; callers of operations alone cannot make the server read any other file.
 */
export class ImportLocations {
  readonly #dataFolder: string;
  readonly #config: ImportConfig;
  readonly #region: string;
  readonly #environment: Environment;

  constructor({ dataFolder, config, environment }: ImportLocationsParts) {
    this.#dataFolder = dataFolder;
    this.#config = config.import;
    this.#region = config.region;
    this.#environment = environment;
  }

  /** Where bills and logs lie that were sent to the server. */
  get uploadFolder(): string {
    return join(this.#dataFolder, 'imports', 'uploads');
  }

  /** Opens a place. Throws ValidationException for one that is not allowed or not there. */
  async open(location: string): Promise<SourceFiles> {
    if (location.startsWith('s3://')) return this.#openBucket(location);
    const uploaded = uploadedName(location);
    if (uploaded !== undefined) return FolderSourceFiles.open(join(this.uploadFolder, uploaded));
    if (!isAbsolute(location)) throw new Fault('ValidationException', `\`${location}\` is no absolute path`);
    const allowed = await this.#allowed();
    const real = await realpath(location).catch(() => undefined);
    // Whether there is such a file is nobody's business who may not read it.
    if (real === undefined || !allowed.some((folder) => isWithin(real, folder))) {
      throw new Fault(
        'ValidationException',
        `\`${location}\` is not open to imports: name its folder under \`import.folders\`, or link it into the data folder's \`imports\``,
      );
    }
    return FolderSourceFiles.open(real);
  }

  async #openBucket(location: string): Promise<SourceFiles> {
    const [, bucket = '', prefix = ''] = /^s3:\/\/([^/]+)\/?(.*)$/.exec(location) ?? [];
    const config = Object.hasOwn(this.#config.buckets, bucket) ? this.#config.buckets[bucket] : undefined;
    if (!config || !isBelow(prefix, config.prefix)) {
      throw new Fault(
        'ValidationException',
        `\`${location}\` is not open to imports: name its bucket under \`import.buckets\``,
      );
    }
    const isObject = fileTypeOf(prefix) !== undefined || /\.json(\.gz)?$/.test(prefix);
    const { endpoint, region = this.#region, pathStyle = endpoint !== undefined } = config;
    const credentials = this.#credentialsOf(config);
    // The client is loaded only where it is used: it takes a quarter of a second and 30 MB.
    const { S3SourceFiles } = await import('../adapters/s3-source-files.ts');
    return new S3SourceFiles({
      ...{ bucket, region, pathStyle },
      prefix: prefix === '' || isObject || prefix.endsWith('/') ? prefix : `${prefix}/`,
      ...(endpoint !== undefined && { endpoint }),
      ...(credentials && { credentials }),
    });
  }

  #credentialsOf({ accessKeyIdEnv, secretAccessKeyEnv, sessionTokenEnv }: ImportBucketConfig) {
    const [accessKeyId, secretAccessKey, sessionToken] = [accessKeyIdEnv, secretAccessKeyEnv, sessionTokenEnv].map(
      (name) => name && this.#environment[name],
    );
    for (const [name, value] of [
      [accessKeyIdEnv, accessKeyId],
      [secretAccessKeyEnv, secretAccessKey],
    ]) {
      if (name && !value) {
        throw new Fault('ValidationException', `imports need the environment variable \`${name}\`, which is not set`);
      }
    }
    return accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      : undefined;
  }

  async #allowed(): Promise<string[]> {
    const own = join(this.#dataFolder, 'imports');
    await mkdir(own, { recursive: true, mode: 0o700 });
    const names = await readdir(own);
    const paths = [own, ...names.map((name) => join(own, name)), ...this.#config.folders];
    const real = await Promise.all(paths.map((path) => realpath(path).catch(() => undefined)));
    return real.filter((path) => path !== undefined);
  }
}

/** By whole names between slashes: `cur2` opens `cur2/` and nothing of `cur2-other/`. */
function isBelow(prefix: string, folder: string): boolean {
  // Keys are no paths, but what lies between here and the bucket may take them for some.
  if (/(^|\/)\.{1,2}(\/|$)/.test(prefix)) return false;
  const bare = folder.replace(/\/$/, '');
  return bare === '' || prefix === bare || prefix.startsWith(`${bare}/`);
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`);
}
