import { mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Option } from 'commander';
import { Fault } from '../kernel/fault.ts';
import type { TallylineClient } from './client.ts';
import { type BillImportAnswer, importAnswer, problemsText } from './import/answer.ts';
import { listImports, listSources } from './import/listings.ts';
import { progressLine } from './import/progress.ts';
import type { VerbParts } from './verb-parts.ts';

interface ImportOptions {
  readonly data: string;
  readonly allServices?: boolean;
  readonly detach?: boolean;
  readonly watch?: boolean;
  readonly json?: boolean;
}

/** How often the server is asked how far it is. */
const LOOK_EVERY_MS = 500;
/** How often a line is printed where nobody watches. */
const PLAIN_EVERY_MS = 10_000;

/** `tallyline import`: reads a bill that AWS delivered, and says what is in it. */
export function importVerbs({ verb, program, client, print, now }: VerbParts): void {
  verb('import <place>', 'read a bill: a folder, a file or s3://bucket/prefix/ with a CUR 2.0 export')
    .option('--all-services', 'keep rows of all services, not of Bedrock alone')
    .option('--watch', 'let the server look for new deliveries from now on; --no-watch ends it')
    .option('--no-watch')
    .option('--detach', 'leave the import to the server')
    .addOption(new Option('--json', 'what was imported, as JSON').conflicts('detach'))
    .action(async (place: string, options: ImportOptions) => {
      if (!(await importBill(client(options), place, options, { print, now }))) process.exitCode = 1;
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

/** False when the import was refused. */
async function importBill(
  client: TallylineClient,
  place: string,
  options: ImportOptions,
  { print, now }: Printing,
): Promise<boolean> {
  const { Import } = await client.call<Pick<BillImportAnswer, 'Import'>>('StartBillImport', {
    Location: place.startsWith('s3://') ? place : openToServer(place, resolve(options.data)),
    ...(options.allServices && { AllServices: true }),
    ...(options.watch !== undefined && { Watch: options.watch }),
  });
  const { ImportId } = Import;
  if (options.detach) {
    print(`import \`${ImportId}\` is under way; \`tallyline imports\` shows how far it is`);
    return true;
  }
  const answer = await ended(client, ImportId, { print, now });
  if (options.json) print(JSON.stringify(answer, null, 2));
  else print(answer.Import.State === 'done' ? await importAnswer(client, answer, now()) : problemsText(answer));
  return answer.Import.State === 'done';
}

/**
 * A place of this machine that the server may read: a link in its data folder says so, which nobody can make but who may
 * write there. Where there is no such folder the server is elsewhere, or has been told of the place.
 */
function openToServer(place: string, dataFolder: string): string {
  let real: string;
  try {
    real = realpathSync(place);
  } catch (error) {
    throw new Fault('NotFound', `\`${place}\` cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const folder = join(dataFolder, 'imports');
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const linked = readdirSync(folder).some((name) => tryRealpath(join(folder, name)) === real);
    for (let count = 1; !linked; count += 1) {
      try {
        symlinkSync(real, join(folder, count === 1 ? basename(real) : `${basename(real)}-${count}`));
        break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
    }
  } catch {
    // The server decides.
  }
  return real;
}

function tryRealpath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** Waits until an import has ended, and shows how far it is: one line that changes on a terminal, else a line now and then. */
async function ended(client: TallylineClient, ImportId: string, { print, now }: Printing): Promise<BillImportAnswer> {
  const isWatched = process.stderr.isTTY === true;
  const startedAtMs = now();
  let shownAtMs = startedAtMs;
  for (;;) {
    const answer = await client.call<BillImportAnswer>('GetBillImport', { ImportId });
    const isOver = answer.Import.EndedAt !== undefined;
    const line = progressLine(answer, now() - startedAtMs);
    if (isWatched) process.stderr.write(`\r\u001b[K${isOver ? '' : line}`);
    else if (!isOver && now() - shownAtMs >= PLAIN_EVERY_MS) {
      shownAtMs = now();
      print(line);
    }
    if (isOver) return answer;
    await delay(LOOK_EVERY_MS);
  }
}
