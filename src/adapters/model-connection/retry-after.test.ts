import { expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const NOW_MS = Date.UTC(2026, 10, 29, 12);

it.each([
  [{ 'retry-after': '3' }, 3_000],
  [{ 'retry-after': '0' }, 0],
  [{ 'retry-after': '1.5' }, 1_500],
  [{ 'retry-after-ms': '250', 'retry-after': '1' }, 250],
  [{ 'retry-after': 'Sun, 29 Nov 2026 12:00:07 GMT' }, 7_000],
  [{ 'retry-after': 'Sun, 29 Nov 2026 11:00:00 GMT' }, 0],
  [{ 'retry-after': '-1' }, undefined],
  [{ 'retry-after': '999999999' }, undefined],
  [{ 'retry-after': 'soon' }, undefined],
  [{ 'retry-after': ['1', '2'] }, undefined],
  [{}, undefined],
])('%j means %s ms', (headers, waitMs) => {
  expect(retryAfterMs(headers, NOW_MS)).toBe(waitMs);
});
