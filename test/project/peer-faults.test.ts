import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** A row of docs/PEER-FAULTS.md. */
interface Row {
  readonly number: number;
  /** Files of tests that name the row. */
  readonly files: readonly string[];
  /** Why there is no test; empty where there is one. */
  readonly reason: string;
}

const ROWS = 80;

const rows = readFileSync('docs/PEER-FAULTS.md', 'utf8')
  .split('\n')
  .flatMap((line): Row[] => {
    const [, number, evidence = ''] = /^\| (\d+) \| .+ \| (.+) \|$/.exec(line) ?? [];
    if (number === undefined) return [];
    const files = [...evidence.matchAll(/`([^`]+[.]test[.]ts)`/g)].map(([, file]) => file!);
    return [{ number: Number(number), files, reason: files.length > 0 ? '' : evidence.trim() }];
  });

describe('the faults of others', () => {
  it('are all there, each with a test or a reason', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1));
    expect(rows.filter(({ files, reason }) => files.length === 0 && reason === '')).toEqual([]);
  });

  it('are named by the tests that are said to show them', () => {
    const named = new Map<string, ReadonlySet<number>>();
    for (const file of new Set(rows.flatMap(({ files }) => files))) named.set(file, rowsNamedIn(file));
    const missing = rows.flatMap(({ number, files }) =>
      files.filter((file) => !named.get(file)!.has(number)).map((file) => `${number}: ${file}`),
    );
    expect(missing).toEqual([]);
  });
});

function rowsNamedIn(file: string): Set<number> {
  const mentions = readFileSync(file, 'utf8').matchAll(/peers rows? (\d+(?:, \d+)*)/g);
  return new Set([...mentions].flatMap(([, numbers]) => numbers!.split(', ').map(Number)));
}
