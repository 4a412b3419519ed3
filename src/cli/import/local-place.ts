import { createHash } from 'node:crypto';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { Fault } from '../../kernel/fault.ts';

/** A file of this machine that is sent to a server. */
export interface LocalFile {
  readonly full: string;
  /** Below the folder that is sent, with `/`; of a log, from its `AWSLogs` on wherever that is above. */
  readonly path: string;
  readonly bytes: number;
  /** In hexadecimal. */
  readonly sha256: string;
}

/** What is sent of a place, and the name under which it is where nobody gives another. */
interface LocalPlace {
  readonly name: string;
  /** False: a bill's. */
  readonly isLog: boolean;
  readonly files: readonly LocalFile[];
}

type FoundFile = Pick<LocalFile, 'full' | 'path'>;

const IS_OF_BILL = /(\.(parquet|csv|csv\.gz|zip)|-manifest\.json)$/i;
/** In the folder of an hour: bodies in `data/` below are not read. */
const IS_OF_LOG =
  /(^|\/)AWSLogs\/\d{12}\/BedrockModelInvocationLogs\/[a-z0-9-]+\/\d{4}\/\d{2}\/\d{2}\/\d{2}\/[^/]+\.json(\.gz)?$/;
/** A log, or a part of it, that is known by its place. */
const IN_LOG = /^(.*)\/AWSLogs(?:\/\d{12}(?:\/BedrockModelInvocationLogs(?:\/.*)?)?)?$/;
const IS_HIDDEN = /(^|\/)\./;
/** As many as a server takes together. */
const FILES_MAX = 20_000;

/**
 * Files that hold bills, and manifests; or those of a model invocation log. Links are not followed: a folder that is sent is what
 * lies in it.
 */
export async function localPlace(place: string): Promise<LocalPlace> {
  const real = await realpath(place).catch((error: NodeJS.ErrnoException) => {
    throw new Fault('NotFound', `\`${place}\` cannot be read (${error.code})`);
  });
  const isFolder = (await stat(real)).isDirectory();
  const entries = isFolder ? await readdir(real, { recursive: true, withFileTypes: true }) : [];
  const fulls = isFolder
    ? entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
    : [real];
  const root = isFolder ? real : dirname(real);
  const [, above] = IN_LOG.exec(real.split(sep).join('/')) ?? [];
  const logRoot = above === undefined ? root : above || '/';
  const bills = filesBelow(root, fulls, IS_OF_BILL);
  const logs = filesBelow(logRoot, fulls, IS_OF_LOG);
  const [bill, log] = [bills[0]?.path, logs[0]?.path];
  if (bill !== undefined && log !== undefined) {
    const text = `\`${bill}\` is of a bill, and the model invocation log \`${dirname(log)}\` lies beside it: a source has bills or a log, so give each of them by itself`;
    throw new Fault('ValidationException', text);
  }
  if (bill === undefined && log === undefined) {
    const text = `\`${place}\` has no file of a bill (.parquet, .csv, .csv.gz, .zip) and no model invocation log (AWSLogs/ACCOUNT/BedrockModelInvocationLogs/REGION/YYYY/MM/DD/HH/*.json.gz)`;
    throw new Fault('NotFound', text);
  }
  const isLog = log !== undefined;
  const wanted = isLog ? logs : bills;
  if (wanted.length > FILES_MAX) {
    const text = `\`${place}\` has ${wanted.length} files, and ${FILES_MAX} may be sent together: give a part of it, such as a month or a day`;
    throw new Fault('ValidationException', text);
  }
  const files: LocalFile[] = [];
  for (const file of wanted) files.push({ ...file, ...(await digest(file.full)) });
  return { name: nameOf(isLog && above !== undefined ? logRoot : place) || 'logs', isLog, files };
}

function filesBelow(root: string, fulls: readonly string[], isWanted: RegExp): FoundFile[] {
  return fulls
    .map((full) => ({ full, path: relative(root, full).split(sep).join('/') }))
    .filter(({ path }) => isWanted.test(path) && !IS_HIDDEN.test(path))
    .sort(byPath);
}

async function digest(full: string): Promise<Pick<LocalFile, 'bytes' | 'sha256'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(full);
  for await (const chunk of handle.createReadStream({ highWaterMark: 2 ** 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function nameOf(place: string): string {
  return basename(place)
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 128);
}

function byPath(a: FoundFile, b: FoundFile): number {
  return a.path < b.path ? -1 : 1;
}
