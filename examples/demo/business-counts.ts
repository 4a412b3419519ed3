import { Chance } from './chance.ts';
import type { DemoFoundation } from './foundation.ts';
import { tallylineOf } from './history-arrival.ts';
import type { ClientConfig } from './organisation.ts';
import { dayMs, dayText } from './timeline.ts';

/** What the business counts of one key: a day at the end of the history, and how it came to that. */
interface Course {
  readonly key: string;
  readonly perDay: number;
  /** Factor over 30 days. */
  readonly growth: number;
  /** Of a Saturday or Sunday as a share of a working day's. */
  readonly weekend: number;
}

interface Count {
  readonly name: string;
  readonly unit: string;
  /** Tag of principals whose values are the keys. Absent: one count for all spend. */
  readonly tag?: string;
  readonly courses: readonly Course[];
}

const COUNTS: readonly Count[] = [
  {
    // More tickets are closed without a person than a month ago: spend rises, and each costs less.
    ...{ name: 'answered-tickets', unit: 'ticket', tag: 'iamPrincipal/project' },
    courses: [
      { key: 'support-chat', perDay: 260, growth: 1.5, weekend: 0.75 },
      { key: 'agent-assist', perDay: 95, growth: 1.3, weekend: 0.4 },
    ],
  },
  {
    ...{ name: 'customers', unit: 'active customer' },
    courses: [{ key: '', perDay: 18_400, growth: 1.04, weekend: 1.15 }],
  },
  {
    // As many as ever, since the cache collapsed at a higher price.
    ...{ name: 'served-searches', unit: 'search', tag: 'iamPrincipal/project' },
    courses: [{ key: 'docs-search', perDay: 2_450, growth: 1.1, weekend: 0.35 }],
  },
  {
    // Each tenant pays for its seats, and the model that they use became dearer.
    ...{ name: 'tenant-users', unit: 'user', tag: 'iamPrincipal/tenant' },
    courses: [
      { key: 'harbor', perDay: 64, growth: 1.05, weekend: 0.5 },
      { key: 'meridian', perDay: 37, growth: 1.02, weekend: 0.5 },
    ],
  },
];

/** Spread of the days' counts. */
const SPREAD = 0.04;

/** What spend is divided by, day by day through yesterday. */
export async function countBusiness(
  admin: ClientConfig,
  { startMs, nowMs }: Pick<DemoFoundation, 'startMs' | 'nowMs'>,
): Promise<void> {
  const client = tallylineOf(admin);
  for (const { name: Name, unit: Unit, tag, courses } of COUNTS) {
    await client.call('PutBusinessMetric', { Name, Unit, ...(tag !== undefined && { By: { Type: 'TAG', Key: tag } }) });
    const lines = ['period,key,value'];
    for (let daysAgo = 1; dayMs(nowMs, daysAgo) >= startMs; daysAgo++) {
      for (const course of courses)
        lines.push([dayText(nowMs, daysAgo), course.key, countOf(course, nowMs, daysAgo)].join(','));
    }
    await client.call('PutBusinessMetricValues', { Name, Csv: `${lines.join('\n')}\n` });
  }
}

function countOf({ key, perDay, growth, weekend }: Course, nowMs: number, daysAgo: number): number {
  const weekday = new Date(dayMs(nowMs, daysAgo)).getUTCDay();
  const isFree = weekday === 0 || weekday === 6;
  const chance = new Chance(`count ${key} ${daysAgo}`);
  return Math.round(perDay * growth ** (-daysAgo / 30) * (isFree ? weekend : 1) * chance.factor(SPREAD));
}
