import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `202611_5_5_0` or, with a mutation, `202611_5_5_0_9`: partition, first and last block, level. */
const PART = /^([^_]+)_(\d+)_(\d+)_\d+(?:_\d+)?$/;
/** Operation (1: the part was added), part, block id; tab-separated. */
const ADDED = /^1\t([^\t]+)\t[^\t]+$/;

interface Part {
  readonly partition: string;
  readonly firstBlock: number;
  readonly lastBlock: number;
}

/**
 * Takes out of the tables' deduplication logs what never became a part. The engine notes a token before it puts the part
 * in place: a kill in between leaves the token without the rows, and the same batch, handed over again, would be taken for
 * stored. To be called while no engine has the folder open. Answers how many notes were taken out.
 */
export function repairDeduplicationLogs(engineFolder: string): number {
  let removed = 0;
  for (const table of tableFolders(engineFolder)) {
    const parts = readdirSync(table).flatMap((name) => partOf(name) ?? []);
    const logs = join(table, 'deduplication_logs');
    for (const file of readdirSync(logs)) removed += repairLog(join(logs, file), parts);
  }
  return removed;
}

function repairLog(path: string, parts: readonly Part[]): number {
  const text = readFileSync(path, 'utf8');
  // A line without its end was cut off in the middle.
  const lines = text.split('\n').slice(0, -1);
  const kept = lines.filter((line) => {
    const noted = partOf(ADDED.exec(line)?.[1] ?? '');
    return !noted || parts.some((part) => covers(part, noted));
  });
  const repaired = kept.map((line) => `${line}\n`).join('');
  if (repaired === text) return 0;
  writeFileSync(`${path}.repaired`, repaired);
  renameSync(`${path}.repaired`, path);
  return lines.length - kept.length;
}

/** A merged part holds every block between its first and its last. */
function covers(part: Part, noted: Part): boolean {
  return part.partition === noted.partition && part.firstBlock <= noted.firstBlock && part.lastBlock >= noted.lastBlock;
}

function partOf(name: string): Part | undefined {
  const [, partition, firstBlock, lastBlock] = PART.exec(name) ?? [];
  if (!partition) return undefined;
  return { partition, firstBlock: Number(firstBlock), lastBlock: Number(lastBlock) };
}

/** Tables keep their files in `store/<three letters>/<uuid>`. */
function tableFolders(engineFolder: string): string[] {
  const store = join(engineFolder, 'store');
  if (!existsSync(store)) return [];
  return readdirSync(store)
    .flatMap((prefix) => readdirSync(join(store, prefix)).map((uuid) => join(store, prefix, uuid)))
    .filter((table) => existsSync(join(table, 'deduplication_logs')));
}
