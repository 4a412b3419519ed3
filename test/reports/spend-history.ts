import { DAY_MS } from '../../src/kernel/time.ts';
import { seededRandom } from '../store/sample-usage.ts';

/** Monday, 2026-06-01. */
export const HISTORY_START_MS = Date.UTC(2026, 5, 1);

export interface SpendHistory {
  readonly value: string;
  /** USD by day from `HISTORY_START_MS` on. */
  readonly days: readonly number[];
  /** Days, as indexes, on which something was spent that ought to be noticed. */
  readonly spikes: readonly number[];
}

type Habit = (day: number, random: () => number) => number;

/** Multiplicative noise around 1 with a long right tail, as token counts have. */
function noise(random: () => number, size: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(size * normal);
}

const isWeekend = (day: number) => day % 7 >= 5;

/** How teams spend: by working days, around the clock, growing, with a weekly job, hardly at all, at weekends alone. */
const HABITS: readonly Habit[] = [
  (day, random) => (isWeekend(day) ? 15 : 100) * noise(random, 0.15),
  (day, random) => (isWeekend(day) ? 0 : 60) * noise(random, 0.1),
  (_day, random) => 80 * noise(random, 0.12),
  (day, random) => 40 * 1.006 ** day * (isWeekend(day) ? 0.5 : 1) * noise(random, 0.12),
  (day, random) => (day % 7 === 6 ? 120 : 5) * noise(random, 0.1),
  (_day, random) => (random() < 0.3 ? 0.4 : 0) * noise(random, 0.5),
  (day, random) => (isWeekend(day) ? 90 : 10) * noise(random, 0.15),
  (day, random) => 50 * (day % 7 === 0 ? 1.6 : 1) * noise(random, 0.25),
];

/** Spend of a company's teams over `days` days, with spikes of one to three days from `firstSpikeDay` on in some of them. */
export function spendHistories(seed: number, teams: number, days: number, firstSpikeDay: number): SpendHistory[] {
  const random = seededRandom(seed);
  return Array.from({ length: teams }, (_, index) => {
    const habit = HABITS[index % HABITS.length]!;
    const size = 0.5 + 2 * random();
    const usual = Array.from({ length: days }, (_day, day) => size * habit(day, random));
    const spikes: number[] = [];
    if (random() < 0.5) {
      const at = firstSpikeDay + Math.floor(random() * (days - firstSpikeDay - 3));
      const length = 1 + Math.floor(random() * 3);
      const average = usual.reduce((sum, usd) => sum + usd, 0) / days;
      // Runaway loops and load tests: on top of what is usual, from one and a half to eight average days.
      const extra = Math.max(average, 20) * (1.5 + 6.5 * random());
      for (let day = at; day < at + length; day++) {
        usual[day] = usual[day]! + extra;
        spikes.push(day);
      }
    }
    return { value: `team-${index}`, days: usual, spikes };
  });
}

export function dayMs(day: number): number {
  return HISTORY_START_MS + day * DAY_MS;
}
