import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { repairDeduplicationLogs } from './deduplication-log.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tallyline-dedup-'));
  const table = join(folder, 'store', 'abc', 'abcdef');
  for (const name of ['deduplication_logs', 'detached', '202611_1_4_1', '202611_5_5_0']) {
    mkdirSync(join(table, name), { recursive: true });
  }
  log = join(table, 'deduplication_logs', 'deduplication_log_1.txt');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('takes out tokens whose part was never put in place, and keeps those of merged parts', () => {
  const kept = ['1\t202611_2_2_0\t202611_a', '1\t202611_5_5_0\t202611_b', '2\t202610_1_1_0\t202610_c'];
  writeFileSync(log, `${[...kept, '1\t202611_6_6_0\t202611_d', '1\t202612_1_1_0\t202612_e'].join('\n')}\n`);
  expect(repairDeduplicationLogs(folder)).toBe(2);
  expect(readFileSync(log, 'utf8')).toBe(`${kept.join('\n')}\n`);
  expect(repairDeduplicationLogs(folder)).toBe(0);
});

it('drops a line that was cut off', () => {
  writeFileSync(log, '1\t202611_5_5_0\t202611_b\n1\t2026');
  repairDeduplicationLogs(folder);
  expect(readFileSync(log, 'utf8')).toBe('1\t202611_5_5_0\t202611_b\n');
});

it('has nothing to do in a new folder', () => {
  expect(repairDeduplicationLogs(join(folder, 'none'))).toBe(0);
});
