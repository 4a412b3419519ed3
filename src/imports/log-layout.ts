import { HOUR_MS } from '../kernel/time.ts';
import type { ImportProblem } from './delivery.ts';
import { fileTypeOf } from './file-type.ts';
import type { SourceFile, SourceFiles } from './source-files.ts';
import { uploadedName } from './upload-location.ts';

/** Of whom and of when a folder of a model invocation log is. */
export interface LogPlace {
  readonly accountId: string;
  readonly region: string;
  /** Calls in it were made from here on, UTC. */
  readonly fromMs: number;
  /** And before. */
  readonly toMs: number;
  readonly isHour: boolean;
}

/** The files of one hour, by name. */
export interface LogHour extends LogPlace {
  readonly files: readonly SourceFile[];
}

/** What lies at a source. */
export interface FoundLog {
  /** Folders of a region of an account, or below; empty where there is no log. */
  readonly folders: readonly string[];
  /** Files and folders of bills. */
  readonly bills: readonly string[];
}

/** Bedrock User Guide, model invocation logging, S3 (read 2026-11): a folder for each hour below region and account. */
const PLACE =
  /(?:^|\/)AWSLogs\/(\d{12})\/BedrockModelInvocationLogs\/([a-z0-9-]+)(?:\/(\d{4}))?(?:\/(\d{2}))?(?:\/(\d{2}))?(?:\/(\d{2}))?$/;
/** Logs of other services. */
const OTHER_LOG = /(?:^|\/)AWSLogs\/[^/]+\/(?!BedrockModelInvocationLogs$)[^/]+$/;
const LOG_FILE = /\.json(?:\.gz)?$/;
const BILL_FOLDER = /^(?:billing_period=|\d{8}-\d{8}$|metadata$|year=)/i;

/** How far below the source's root a log is looked for, and in how many folders. */
const DEPTH_MAX = 8;
const FOLDERS_MAX = 1_000;

/** Looks for a log, and for bills beside it. Lists folders, reads nothing. */
export async function findLog(source: SourceFiles, location: string): Promise<FoundLog> {
  const root = rootOf(location);
  const found = { folders: [] as string[], bills: [] as string[] };
  let level = [''];
  let looked = 0;
  for (let depth = 0; depth < DEPTH_MAX && level.length > 0; depth += 1) {
    const next: string[] = [];
    for (const folder of level) {
      if (placeOf(joined(root, folder))) {
        found.folders.push(folder);
        continue;
      }
      looked += 1;
      if (looked > FOLDERS_MAX) return found;
      const { folders, files } = await source.look(folder);
      found.bills.push(...files.flatMap(({ path }) => (fileTypeOf(path) ? [path] : [])));
      for (const name of folders) {
        const path = joined(folder, name);
        if (BILL_FOLDER.test(name)) found.bills.push(path);
        else if (!OTHER_LOG.test(joined(root, path))) next.push(path);
      }
    }
    level = next;
  }
  return found;
}

/** Why a place with a log is none that can be imported; empty where it is. */
export function otherThanLog(location: string, { folders, bills }: FoundLog): readonly ImportProblem[] {
  const [file] = bills;
  if (file === undefined) return [];
  const log = folders[0] || location;
  const text = `it is of a bill, and the model invocation log \`${log}\` lies beside it: a source has bills or a log, so give each of them by itself`;
  return [{ file, text }];
}

/** The hours of a log that are wanted, by account, region and time. A folder that is not is not looked into. */
export async function* logHours(
  source: SourceFiles,
  location: string,
  { folders }: FoundLog,
  isWanted: (place: LogPlace) => boolean,
): AsyncGenerator<LogHour> {
  for (const folder of folders.toSorted()) yield* hoursBelow(source, rootOf(location), folder, isWanted);
}

async function* hoursBelow(
  source: SourceFiles,
  root: string,
  folder: string,
  isWanted: (place: LogPlace) => boolean,
): AsyncGenerator<LogHour> {
  const place = placeOf(joined(root, folder));
  if (!place || !isWanted(place)) return;
  const { folders, files } = await source.look(folder);
  if (place.isHour) {
    const ofLog = files.filter(({ path }) => LOG_FILE.test(path));
    if (ofLog.length > 0) yield { ...place, files: ofLog };
    return;
  }
  for (const name of folders) yield* hoursBelow(source, root, joined(folder, name), isWanted);
}

/** Whether a path is that of a file in the folder of an hour. */
export function isLogFile(path: string): boolean {
  return LOG_FILE.test(path) && placeOf(path.slice(0, path.lastIndexOf('/')))?.isHour === true;
}

/** Undefined for anything but a region of a log and what is below. Of a year, month or day its first hour and its end. */
function placeOf(key: string): LogPlace | undefined {
  const [, accountId, region, ...date] = PLACE.exec(key) ?? [];
  if (accountId === undefined || region === undefined) return undefined;
  const [year, month, day, hour] = date.map((part) => (part === undefined ? undefined : Number(part)));
  const isHour = hour !== undefined;
  if (year === undefined) {
    return { accountId, region, isHour, fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY };
  }
  const fromMs = Date.UTC(year, (month ?? 1) - 1, day ?? 1, hour ?? 0);
  const toMs = isHour
    ? fromMs + HOUR_MS
    : day !== undefined
      ? Date.UTC(year, month! - 1, day + 1)
      : Date.UTC(month === undefined ? year + 1 : year, month ?? 0, 1);
  return { accountId, region, fromMs, toMs, isHour };
}

/** A source that is one file has its folder for a root. What was sent lies as it did elsewhere, whatever its name is. */
function rootOf(location: string): string {
  if (uploadedName(location) !== undefined) return '';
  return location.replace(LOG_FILE.test(location) ? /\/[^/]*$/ : /\/$/, '');
}

function joined(folder: string, name: string): string {
  return folder === '' || name === '' ? `${folder}${name}` : `${folder}/${name}`;
}
