import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import type { TallylineClient } from './client.ts';
import { type BillImportAnswer, importAnswer, problemsText } from './import/answer.ts';
import { type BillCheck, checkText } from './import/check.ts';
import { deliveryFindingTexts } from './import/findings.ts';
import { listImports, listSources } from './import/listings.ts';
import { logAnswer } from './import/log-answer.ts';
import { isServerOf, openToServer } from './import/place.ts';
import { progressLine } from './import/progress.ts';
import { uploadPlace } from './import/upload.ts';
import type { VerbParts } from './verb-parts.ts';

interface ImportOptions {
  readonly data: string;
  readonly allServices?: boolean;
  readonly check?: boolean;
  readonly detach?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
  /** Absent: where the server is not the data folder's. */
  readonly upload?: boolean;
  readonly as?: string;
}

/** How often the server is asked how far it is. */
const LOOK_EVERY_MS = 500;
/** How often a line is printed where nobody watches. */
const PLAIN_EVERY_MS = 10_000;

/** `tallyline import`: reads a bill that AWS delivered, and says what is in it. */
export function importVerbs({ verb, program, profile, client, print, now }: VerbParts): void {
  verb('import <place>', 'read a bill or a model invocation log: a folder, a file or s3://bucket/prefix/')
    .option('--all-services', 'keep rows of all services, not of Bedrock alone')
    .option('--watch', 'let the server look for new deliveries from now on; --no-watch ends it')
    .option('--no-watch')
    .option('--upload', "send the files to the server (default: where it is not this data folder's)")
    .option('--no-upload', 'the place is one of the server')
    .option('--as <name>', 'under which name they are sent (default: that of the folder)')
    .option('--detach', 'leave the import to the server')
    .addOption(
      new Option('--check', 'look at files and columns alone, and say what is missing').conflicts(['detach', 'watch']),
    )
    .addOption(new Option('--json', 'JSON').conflicts('detach'))
    .action(async (place: string, options: ImportOptions) => {
      const isOwn = isServerOf(options.data, profile(options));
      if (!(await importBill(client(options), place, { ...options, isOwn }, { print, now }))) process.exitCode = 1;
    });
  verb('imports', 'imports of bills, newest first').action((options: { data: string }) =>
    listImports(client(options), print),
  );
  const sources = program.command('bill-source').description('where bills are imported from');
  verb('list', 'sources and their billing periods', sources).action((options: { data: string }) =>
    listSources(client(options), print),
  );
  verb('remove <id>', 'forget a source and what was imported from it', sources).action(
    async (SourceId: string, options: { data: string }) => {
      await client(options).call('DeleteBillSource', { SourceId });
      print(`removed \`${SourceId}\` and what was imported from it`);
    },
  );
  verb(
    'primary <book>',
    'what reports show: ledger or bill',
    program.command('book').description('ledger and bill'),
  ).action(async (Book: string, options: { data: string }) => {
    await client(options).call('SetPrimaryBook', { Book });
    print(`reports show the ${Book}`);
  });
}

interface Printing {
  readonly print: (text: string) => void;
  readonly now: () => number;
}

/** False when the import was refused, or would be. */
async function importBill(
  client: TallylineClient,
  place: string,
  options: PlaceOptions,
  { print, now }: Printing,
): Promise<boolean> {
  const Location = await locationOf(client, place, options);
  if (options.check) {
    const check = await client.call<BillCheck>('CheckBillLocation', { Location });
    print(options.json ? JSON.stringify(check, null, 2) : checkText(check));
    return check.Problems.length === 0;
  }
  const { Import } = await client.call<Pick<BillImportAnswer, 'Import'>>('StartBillImport', {
    Location,
    ...(options.allServices && { AllServices: true }),
    ...(options.watch !== undefined && { Watch: options.watch }),
  });
  const { ImportId } = Import;
  if (options.detach) {
    print(`import \`${ImportId}\` is under way; \`tallyline imports\` shows how far it is`);
    return true;
  }
  // The answer as JSON is all that stands on the standard output.
  const tell = options.json ? (text: string) => void process.stderr.write(`${text}\n`) : print;
  const { answer, told } = await ended(client, ImportId, { print: tell, now });
  const isDone = answer.Import.State === 'done';
  if (options.json) print(JSON.stringify(answer, null, 2));
  else print(await answerText(client, answer, told, now()));
  return isDone;
}

interface PlaceOptions extends ImportOptions {
  /** True: the server's data folder is the one of `--data`. */
  readonly isOwn: boolean;
}

/** Where the server finds a place. */
async function locationOf(
  client: TallylineClient,
  place: string,
  { isOwn, upload, data, as }: PlaceOptions,
): Promise<string> {
  if (/^(s3|upload):\/\//.test(place)) return place;
  if (!upload && isOwn) return openToServer(place, resolve(data));
  if (upload === false) return resolve(place);
  const isWatched = process.stderr.isTTY === true;
  const tell = (line: string) => void (isWatched && process.stderr.write(`\r\u001b[K${line}`));
  const location = await uploadPlace(client, { place: resolve(place), ...(as !== undefined && { name: as }) }, tell);
  tell('');
  return location;
}

interface Ended {
  readonly answer: BillImportAnswer;
  /** Findings that were shown before a row was read. */
  readonly told: ReadonlySet<string>;
}

async function answerText(
  client: TallylineClient,
  answer: BillImportAnswer,
  told: ReadonlySet<string>,
  nowMs: number,
): Promise<string> {
  const { Import, PrimaryBook } = answer;
  if (Import.State !== 'done') return problemsText(answer);
  return Import.Log
    ? logAnswer(client, Import.SourceId, Import.Log, PrimaryBook)
    : importAnswer(client, answer, nowMs, told);
}

/**
 * Waits until an import has ended. Shows what columns cannot answer as soon as they were looked at, and how far the import is: one
 * line that changes on a terminal, else a line now and then.
 */
async function ended(client: TallylineClient, ImportId: string, { print, now }: Printing): Promise<Ended> {
  const isWatched = process.stderr.isTTY === true;
  const startedAtMs = now();
  let shownAtMs = startedAtMs;
  const told = new Set<string>();
  for (;;) {
    const answer = await client.call<BillImportAnswer>('GetBillImport', { ImportId });
    const isOver = answer.Import.EndedAt !== undefined;
    const line = progressLine(answer, now() - startedAtMs);
    const findings = isOver ? [] : deliveryFindingTexts(answer.Deliveries);
    if (isWatched) process.stderr.write('\r\u001b[K');
    for (const text of findings.filter((one) => !told.has(one))) {
      print(`${text}\n`);
      told.add(text);
    }
    if (isWatched && !isOver) process.stderr.write(line);
    else if (!isOver && now() - shownAtMs >= PLAIN_EVERY_MS) {
      shownAtMs = now();
      print(line);
    }
    if (isOver) return { answer, told };
    await delay(LOOK_EVERY_MS);
  }
}
