import { expect, it } from 'vitest';
import { UTC } from '../../../kernel/time-zone.ts';
import { dayStarts, groupCourses } from './group-course.ts';

const day = (number: number) => `2026-11-0${number}T00:00:00Z`;
const row = (number: number, value: string, CostUsd: string, IsOther?: boolean) => ({
  ...{ Start: day(number), End: day(number + 1), Keys: [value], CostUsd, Requests: '1' },
  ...(IsOther && { IsOther }),
});

it('puts the groups of a report in the order of their cost, with a figure for every day', () => {
  const starts = dayStarts({ startMs: Date.parse(day(1)), endMs: Date.parse(day(4)) }, UTC);
  const rows = [row(1, 'a', '0.1'), row(3, 'a', '0.2'), row(2, '', '5'), row(2, '', '90', true)];
  expect(groupCourses(rows, starts)).toEqual([
    { value: '', isOther: false, sums: { CostUsd: '5', Requests: '1' }, costs: ['0', '5', '0'] },
    { value: 'a', isOther: false, sums: { CostUsd: '0.3', Requests: '2' }, costs: ['0.1', '0', '0.2'] },
    { value: '', isOther: true, sums: { CostUsd: '90', Requests: '1' }, costs: ['0', '90', '0'] },
  ]);
});
