/** Repeatable numbers from 0 to 1 (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normalOf(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Share of a week's spend by weekday: offices. */
const OFFICE_WEEK = [1.25, 1.3, 1.3, 1.25, 1.1, 0.45, 0.35];

type Series = (random: () => number, days: number) => number[];

function daysOf(days: number, amountOf: (day: number) => number): number[] {
  return Array.from({ length: days }, (_, day) => Math.max(0, amountOf(day)));
}

/** Shapes of inference spend, in USD a day. */
export const GENERATED: Readonly<Record<string, Series>> = {
  steady: (random, days) => daysOf(days, () => 100 * (1 + 0.1 * normalOf(random))),
  weekly: (random, days) => daysOf(days, (day) => 100 * OFFICE_WEEK[day % 7]! * (1 + 0.1 * normalOf(random))),
  growth: (random, days) => daysOf(days, (day) => 100 * 1.01 ** day * (1 + 0.1 * normalOf(random))),
  'growth, weekly': (random, days) =>
    daysOf(days, (day) => (50 + 1.5 * day) * OFFICE_WEEK[day % 7]! * (1 + 0.12 * normalOf(random))),
  'growth that ends': (random, days) =>
    daysOf(
      days,
      (day) => (200 / (1 + Math.exp(-(day - days / 2) / 14))) * OFFICE_WEEK[day % 7]! * (1 + 0.1 * normalOf(random)),
    ),
  'level shift': (random, days) => {
    const shift = Math.floor(days * (0.4 + 0.4 * random()));
    const after = random() < 0.5 ? 2.5 : 0.4;
    return daysOf(
      days,
      (day) => 100 * (day < shift ? 1 : after) * OFFICE_WEEK[day % 7]! * (1 + 0.1 * normalOf(random)),
    );
  },
  spikes: (random, days) =>
    daysOf(days, (day) => {
      const spike = random() < 0.04 ? 4 + 6 * random() : 1;
      return 100 * OFFICE_WEEK[day % 7]! * spike * (1 + 0.1 * normalOf(random));
    }),
  intermittent: (random, days) => daysOf(days, () => (random() < 0.2 ? 50 * Math.exp(0.8 * normalOf(random)) : 0)),
  wandering: (random, days) => {
    let level = Math.log(100);
    return daysOf(days, () => {
      level += 0.05 * normalOf(random);
      return Math.exp(level) * (1 + 0.05 * normalOf(random));
    });
  },
};
