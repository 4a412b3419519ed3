import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A row of docs/ATTACKS.md: attack, outcome, and the test that shows it as `file` "title". */
interface Row {
  readonly attack: string;
  readonly file: string;
  readonly title: string;
}

const table = readFileSync('docs/ATTACKS.md', 'utf8');
const lines = table.split('\n').filter((line) => /^\| (?!attack|---)/.test(line));
const rows = lines.map((line): Row => {
  const [, attack = '', file = '', title = ''] = /^\| (.+?) \| .+ \| `([^`]+)` "(.+)" \|$/.exec(line) ?? [];
  return { attack, file, title };
});

describe('the attack table', () => {
  it('has a test for every row', () => {
    expect(rows.length).toBeGreaterThan(0);
    expect(lines.filter((_, index) => rows[index]!.file === '')).toEqual([]);
    const files = new Map([...new Set(rows.map(({ file }) => file))].map((file) => [file, readFileSync(file, 'utf8')]));
    const missing = rows.filter(({ file, title }) => !mentions(files.get(file)!, title));
    expect(missing).toEqual([]);
  });

  it('has every test of test/attacks', () => {
    const files = readdirSync('test/attacks').filter((file) => file.endsWith('.test.ts'));
    const titles = files.flatMap((file) => [
      ...readFileSync(`test/attacks/${file}`, 'utf8').matchAll(/\bit\((['"`])(.+?)\1,/g),
    ]);
    expect(titles.length).toBeGreaterThan(0);
    const proven = new Set(rows.map(({ title }) => title));
    expect(titles.map(([, , title]) => title).filter((title) => !proven.has(title!))).toEqual([]);
  });
});

/** The title stands in the source as the text of a test, in whichever quotes. */
function mentions(source: string, title: string): boolean {
  return ["'", '"', '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
}
