import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { Fault } from '../../kernel/fault.ts';

const PRINCIPAL = 'line_item_iam_principal';
/** One line of a bill, with its maps, is some thousand characters long. */
const CELL_CHARACTERS_MAX = 1_000_000;

/** Every principal that a CUR 2.0 file names: CSV, or CSV in gzip. Throws QueryInvalid when it is not one. */
export async function billPrincipals(file: string): Promise<Set<string>> {
  const principals = new Set<string>();
  let column = -1;
  try {
    for await (const row of csvRows(file)) {
      if (column === -1) {
        column = row.indexOf(PRINCIPAL);
        if (column === -1) {
          const advice = 'export it with INCLUDE_IAM_PRINCIPAL_DATA and select the column';
          throw new Fault('QueryInvalid', `\`${file}\` has no column \`${PRINCIPAL}\`: ${advice}`);
        }
      } else principals.add(row[column] ?? '');
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('QueryInvalid', `cannot read \`${file}\` as a bill: ${(error as Error).message}`);
  }
  principals.delete('');
  return principals;
}

/** Rows as RFC 4180 writes them. */
async function* csvRows(file: string): AsyncGenerator<readonly string[]> {
  const bytes = createReadStream(file);
  const text = (file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes).setEncoding('utf8');
  bytes.on('error', (error) => text.destroy(error));
  let row: string[] = [];
  let cell = '';
  let isQuoted = false;
  let isQuoteBefore = false;
  for await (const chunk of text as AsyncIterable<string>) {
    for (const character of chunk) {
      if (isQuoted && !isQuoteBefore) {
        if (character === '"') isQuoteBefore = true;
        else cell += character;
      } else if (isQuoteBefore && character === '"') {
        cell += '"';
        isQuoteBefore = false;
      } else if (character === '"' && cell === '') isQuoted = true;
      else if (character === ',' || character === '\n') {
        row.push(cell);
        cell = '';
        isQuoted = false;
        isQuoteBefore = false;
        if (character === '\n') {
          yield row;
          row = [];
        }
      } else if (character !== '\r') cell += character;
      if (cell.length > CELL_CHARACTERS_MAX) throw new Error('it is no CSV');
    }
  }
  if (cell !== '' || row.length > 0) yield [...row, cell];
}
