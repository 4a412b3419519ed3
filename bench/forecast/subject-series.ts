/** Shapes of what one person, application or model spends in a day: small, gappy, and gone one day. In USD. */
export const SUBJECTS: Readonly<Record<string, (random: () => number, days: number) => number[]>> = {
  'now and then': (random, days) => daysOf(days, () => (random() < 0.05 ? 2 + 8 * random() : 0)),
  'office hours': (random, days) =>
    daysOf(days, (day) => (day % 7 < 5 && random() < 0.8 ? 3 * lognormal(random, 0.9) : 0)),
  'nightly job': (random, days) => daysOf(days, () => (random() < 0.03 ? 0 : 12 * lognormal(random, 0.15))),
  'a burst a month': (random, days) => {
    const at = Math.floor(random() * 30);
    return daysOf(days, (day) => ((day + at) % 30 < 3 ? 40 * lognormal(random, 0.4) : 0.5 * random()));
  },
  'joined lately': (random, days) =>
    daysOf(days, (day) => (day < days - 75 ? 0 : Math.min(1, (day - days + 80) / 40) * 5 * lognormal(random, 0.7))),
  leaves: (random, days) => {
    const end = days - Math.floor(45 * random());
    return daysOf(days, (day) => (day > end ? 0 : 4 * lognormal(random, 0.7)));
  },
};

function daysOf(days: number, amountOf: (day: number) => number): number[] {
  return Array.from({ length: days }, (_, day) => amountOf(day));
}

function lognormal(random: () => number, sigma: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return Math.exp(sigma * normal);
}
