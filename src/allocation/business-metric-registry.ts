import { Fault } from '../kernel/fault.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import { anewOnConflict, type RecordStore } from '../kernel/record-store.ts';
import { type BusinessMetric, METRIC_NAME, type MetricValue } from './business-metric.ts';

const METRIC_KIND = 'businessMetric';
/** The values of one metric and month: one record. */
const VALUES_KIND = 'businessMetricValues';

const MAX_METRICS = 100;
/** Of one metric and month: 600 keys by day. */
const MAX_MONTH_VALUES = 20_000;
/** Of all metrics together; every node holds them in memory. */
export const METRIC_VALUES_MAX = 500_000;

interface MonthRecord {
  /** Decimal text by `period` and key, as pairs in order. */
  readonly values: readonly (readonly [period: string, key: string, value: string])[];
}

/** Business metrics and their values. */
export class BusinessMetricRegistry {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** In the order of their names. */
  all(): BusinessMetric[] {
    const metrics = Array.from(this.#records.all<BusinessMetric>(METRIC_KIND), ({ body }) => body);
    return metrics.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws ResourceNotFoundException. */
  metric(name: string): BusinessMetric {
    const metric = this.#records.get<BusinessMetric>(METRIC_KIND, name)?.body;
    if (!metric) throw new Fault('ResourceNotFoundException', `there is no business metric \`${name}\``);
    return metric;
  }

  /** Makes a metric, or renames its unit. Throws ValidationException for another grain or key: values are of the old one. */
  put(metric: BusinessMetric): Promise<void> {
    return anewOnConflict(async () => {
      const { name, grain, by } = metric;
      if (!METRIC_NAME.test(name)) {
        throw invalid(
          `\`${name.slice(0, 64)}\` is no name; use small letters, digits and hyphens, such as \`tickets\``,
        );
      }
      const before = this.#records.get<BusinessMetric>(METRIC_KIND, name);
      if (!before && this.all().length >= MAX_METRICS) throw tooMany(`there are ${MAX_METRICS} metrics already`);
      const isSame = before?.body.grain === grain && JSON.stringify(before.body.by) === JSON.stringify(by);
      if (before && !isSame)
        throw invalid(`\`${name}\` is kept by another grain or key; delete it first, with its values`);
      const expectedVersion = before?.version ?? 0;
      await this.#records.write([{ kind: METRIC_KIND, key: name, body: metric, expectedVersion }]);
    });
  }

  /** With its values. Throws ResourceNotFoundException. */
  async delete(name: string): Promise<void> {
    this.metric(name);
    const months = this.#monthsOf(name).map(({ key }) => ({ kind: VALUES_KIND, key }));
    await this.#records.write([...months, { kind: METRIC_KIND, key: name }]);
  }

  /** In one transaction. Answers how many values are new; the others took the place of one. Throws LimitExceededException. */
  putValues(name: string, values: readonly MetricValue[]): Promise<number> {
    return anewOnConflict(async () => {
      this.metric(name);
      let added = 0;
      const changes = [...Map.groupBy(values, ({ period }) => period.slice(0, 7))].map(([month, ofMonth]) => {
        const key = `${name}/${month}`;
        const before = this.#records.get<MonthRecord>(VALUES_KIND, key);
        const merged = new Map(before?.body.values.map((one) => [idOf(one[0], one[1]), one]));
        const sizeBefore = merged.size;
        for (const { period, key: of, picoUnits } of ofMonth) {
          merged.set(idOf(period, of), [period, of, formatUsd(picoUnits)]);
        }
        if (merged.size > MAX_MONTH_VALUES) throw tooMany(`a metric has at most ${MAX_MONTH_VALUES} values a month`);
        added += merged.size - sizeBefore;
        const body: MonthRecord = { values: [...merged].sort(byId).map(([, one]) => one) };
        return { kind: VALUES_KIND, key, body, expectedVersion: before?.version ?? 0 };
      });
      if (this.#count() + added > METRIC_VALUES_MAX) throw tooMany(`there are at most ${METRIC_VALUES_MAX} values`);
      if (changes.length > 0) await this.#records.write(changes);
      return added;
    });
  }

  /** By period and key, in order. */
  values(name: string): MetricValue[] {
    return this.#monthsOf(name)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
      .flatMap(({ body }) => body.values)
      .map(([period, key, value]) => ({ period, key, picoUnits: parsePicoUsd(value) }));
  }

  #monthsOf(name: string) {
    return [...this.#records.all<MonthRecord>(VALUES_KIND)].filter(({ key }) => key.startsWith(`${name}/`));
  }

  #count(): number {
    return [...this.#records.all<MonthRecord>(VALUES_KIND)].reduce((sum, { body }) => sum + body.values.length, 0);
  }
}

function idOf(period: string, key: string): string {
  return `${period}\n${key}`;
}

function byId([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}

function tooMany(message: string): Fault {
  return new Fault('LimitExceededException', `${message}: delete some first`);
}
