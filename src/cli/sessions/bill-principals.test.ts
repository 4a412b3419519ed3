import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { removeFolders, temporaryFolder } from '../../../test/server.ts';
import { billPrincipals } from './bill-principals.ts';

const folder = temporaryFolder('bill');
afterAll(removeFolders);

function bill(content: string | Buffer, name = 'bill.csv'): string {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

const TEXT = [
  'line_item_usage_type,"tags",line_item_iam_principal',
  'USE1,"{""iamPrincipal/team"":""a, b\nc""}",arn:aws:sts::1:assumed-role/R/alice',
  'USE1,,"arn:aws:sts::1:assumed-role/R/bob"',
  'USE1,"""",',
  'USE1,"",arn:aws:sts::1:assumed-role/R/alice',
].join('\r\n');

test('a bill names its principals, as text and in gzip, with and without a last line end', async () => {
  const principals = new Set(['arn:aws:sts::1:assumed-role/R/alice', 'arn:aws:sts::1:assumed-role/R/bob']);
  expect(await billPrincipals(bill(TEXT))).toEqual(principals);
  expect(await billPrincipals(bill(gzipSync(`${TEXT}\n`), 'bill.csv.gz'))).toEqual(principals);
});

test.each([
  ['line_item_usage_type\nUSE1\n', 'no-column.csv', /has no column `line_item_iam_principal`: export it with/],
  ['x'.repeat(1_000_001), 'no.csv', /cannot read .* as a bill: it is no CSV/],
  ['no gzip', 'broken.csv.gz', /cannot read .* as a bill: incorrect header check/],
])('what is no bill is refused', async (content, name, message) => {
  await expect(billPrincipals(bill(content, name))).rejects.toThrow(message);
});

test('a file that is not there is named', async () => {
  await expect(billPrincipals(join(folder, 'nowhere.csv'))).rejects.toThrow(
    /cannot read .*nowhere.csv. as a bill: ENOENT/,
  );
});
