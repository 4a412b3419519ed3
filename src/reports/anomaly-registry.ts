import { Fault } from '../kernel/fault.ts';
import { anewOnConflict, type RecordChange, type RecordStore, type StoredRecord } from '../kernel/record-store.ts';
import type { TagHolder } from '../kernel/tag-holder.ts';
import { sortedTagPairs, type TagSet } from '../kernel/tags.ts';
import { type Anomaly, type AnomalyFeedback, lastDayMs } from './anomaly.ts';
import type { AnomalyMonitor } from './anomaly-monitor.ts';
import type { AnomalySubscription } from './anomaly-subscription.ts';

const MONITOR = 'anomalyMonitor';
const SUBSCRIPTION = 'anomalySubscription';
const ANOMALY = 'anomaly';

/** Of one account (Cost Management User Guide, quotas, checked 2026-11). */
const MAX_MONITORS = 500;
const MAX_SUBSCRIPTIONS = 100;
/** Anomalies kept of one monitor; the oldest go first. AWS keeps 90 days of them. */
const MAX_ANOMALIES = 1_000;

/** Monitors, subscriptions and the anomalies that were found, on the record store. Accounts see their own alone. */
export class AnomalyRegistry implements TagHolder {
  readonly #records: RecordStore;
  /** By monitor and id. */
  readonly #anomalies = new Map<string, Map<string, Anomaly>>();

  constructor(records: RecordStore) {
    this.#records = records;
    for (const { key, body } of records.all<Anomaly>(ANOMALY)) this.#index(key, body);
    records.watch((changes) => {
      for (const { kind, key, body } of changes) if (kind === ANOMALY) this.#index(key, body as Anomaly | undefined);
    });
  }

  /** Throws ValidationException for a second monitor of one dimension, LimitExceededException for one too many. */
  async createMonitor(monitor: AnomalyMonitor): Promise<void> {
    const own = this.monitors(monitor.accountId);
    // AWS's text, for a second monitor of services (public error reports, 2026-11). Whether several keys of tags or cost
    // categories may each have one is not published; here they may.
    if (monitor.dimension && own.some((other) => watchedDimension(other) === watchedDimension(monitor))) {
      throw new Fault('ValidationException', 'Limit exceeded on dimensional spend monitor creation');
    }
    if (own.length >= MAX_MONITORS) throw limitExceeded('monitor');
    await this.#records.write([{ kind: MONITOR, key: monitor.arn, body: monitor, expectedVersion: 0 }]);
  }

  /** Throws UnknownMonitorException for a monitor that it names, LimitExceededException for one too many. */
  async createSubscription(subscription: AnomalySubscription): Promise<void> {
    for (const arn of subscription.monitorArns) this.monitor(subscription.accountId, arn);
    if (this.subscriptions(subscription.accountId).length >= MAX_SUBSCRIPTIONS) throw limitExceeded('subscription');
    await this.#records.write([{ kind: SUBSCRIPTION, key: subscription.arn, body: subscription, expectedVersion: 0 }]);
  }

  /** Throws UnknownMonitorException, also for another account's monitor. */
  monitor(accountId: string, arn: string): AnomalyMonitor {
    return this.#monitor(accountId, arn).body;
  }

  /** Throws UnknownSubscriptionException, also for another account's subscription. */
  subscription(accountId: string, arn: string): AnomalySubscription {
    return this.#subscription(accountId, arn).body;
  }

  tagged(arn: string): { readonly accountId: string; readonly tags: TagSet } | undefined {
    const body = this.#tagged(arn)?.body;
    return body && { accountId: body.accountId, tags: new Map(body.tags) };
  }

  async changeTags(arn: string, change: (present: TagSet) => TagSet): Promise<void> {
    await this.#again(() => {
      const stored = this.#tagged(arn);
      // Deleted meanwhile.
      if (!stored) return [];
      const { kind, key, version, body } = stored;
      const tags = sortedTagPairs(change(new Map(body.tags)));
      return [{ kind, key, body: { ...body, tags }, expectedVersion: version }];
    });
  }

  allMonitors(): AnomalyMonitor[] {
    return [...this.#records.all<AnomalyMonitor>(MONITOR)].map(({ body }) => body);
  }

  allSubscriptions(): AnomalySubscription[] {
    return [...this.#records.all<AnomalySubscription>(SUBSCRIPTION)].map(({ body }) => body);
  }

  /** An account's monitors, the oldest first. */
  monitors(accountId: string): AnomalyMonitor[] {
    return this.allMonitors()
      .filter((monitor) => monitor.accountId === accountId)
      .sort(byAge);
  }

  /** An account's subscriptions, the oldest first. */
  subscriptions(accountId: string): AnomalySubscription[] {
    return this.allSubscriptions()
      .filter((subscription) => subscription.accountId === accountId)
      .sort(byAge);
  }

  async changeMonitor(accountId: string, arn: string, change: Partial<AnomalyMonitor>): Promise<void> {
    await this.#again(() => {
      const { key, version, body } = this.#monitor(accountId, arn);
      return [{ kind: MONITOR, key, body: { ...body, ...change }, expectedVersion: version }];
    });
  }

  /** Throws UnknownSubscriptionException, and UnknownMonitorException for a monitor that the change names. */
  async changeSubscription(
    accountId: string,
    arn: string,
    change: (subscription: AnomalySubscription) => AnomalySubscription,
  ): Promise<void> {
    await this.#again(() => {
      const { key, version, body } = this.#subscription(accountId, arn);
      const changed = change(body);
      for (const monitorArn of changed.monitorArns) {
        if (!body.monitorArns.includes(monitorArn)) this.monitor(accountId, monitorArn);
      }
      return [{ kind: SUBSCRIPTION, key, body: changed, expectedVersion: version }];
    });
  }

  /** Removes a monitor with its anomalies, and takes it off the subscriptions that name it. */
  async deleteMonitor(accountId: string, arn: string): Promise<void> {
    await this.#again(() => {
      this.#monitor(accountId, arn);
      const named = [...this.#records.all<AnomalySubscription>(SUBSCRIPTION)].filter(({ body }) =>
        body.monitorArns.includes(arn),
      );
      return [
        { kind: MONITOR, key: arn },
        ...this.anomalies(arn).map((anomaly) => ({ kind: ANOMALY, key: anomalyKey(anomaly) })),
        ...named.map(({ key, version, body }) => ({
          ...{ kind: SUBSCRIPTION, key, expectedVersion: version },
          body: { ...body, monitorArns: body.monitorArns.filter((other) => other !== arn) },
        })),
      ];
    });
  }

  async deleteSubscription(accountId: string, arn: string): Promise<void> {
    const { key } = this.#subscription(accountId, arn);
    await this.#records.write([{ kind: SUBSCRIPTION, key }]);
  }

  /** A monitor's anomalies, the latest first. */
  anomalies(monitorArn: string): Anomaly[] {
    return [...(this.#anomalies.get(monitorArn)?.values() ?? [])].sort(latestFirst);
  }

  /** The anomalies of all of an account's monitors, the latest first. */
  accountAnomalies(accountId: string): Anomaly[] {
    const own = this.monitors(accountId).flatMap(({ arn }) => this.anomalies(arn));
    return own.sort(latestFirst);
  }

  /** Throws ValidationException for an anomaly that the account has not; AWS publishes no wording. */
  async giveFeedback(accountId: string, anomalyId: string, feedback: AnomalyFeedback): Promise<void> {
    await this.#again(() => {
      const anomaly = this.accountAnomalies(accountId).find(({ id }) => id === anomalyId);
      if (!anomaly) throw new Fault('ValidationException', `Anomaly ${anomalyId} was not found`);
      return [this.#put({ ...anomaly, feedback })];
    });
  }

  /**
   * Writes what an evaluation of a monitor came to: the anomalies that changed, what is too old to keep, and that it was
   * evaluated. `decide` is asked again when somebody else wrote meanwhile, and answers from what is on record then.
   */
  async noteEvaluation(
    arn: string,
    change: Pick<AnomalyMonitor, 'lastEvaluatedAtMs' | 'valueCount'>,
    oldestDayMs: number,
    decide: (present: readonly Anomaly[]) => readonly Anomaly[],
  ): Promise<readonly Anomaly[]> {
    let changed: readonly Anomaly[] = [];
    await this.#again(() => {
      const stored = this.#records.get<AnomalyMonitor>(MONITOR, arn);
      // Deleted meanwhile.
      if (!stored) return [];
      const present = this.anomalies(arn);
      changed = decide(present);
      const ids = new Set(changed.map(({ id }) => id));
      const outdated = present
        .filter(({ id }) => !ids.has(id))
        .filter((anomaly, index) => lastDayMs(anomaly) < oldestDayMs || index + changed.length >= MAX_ANOMALIES);
      return [
        { kind: MONITOR, key: arn, body: { ...stored.body, ...change }, expectedVersion: stored.version },
        ...changed.map((anomaly) => this.#put(anomaly)),
        ...outdated.map((anomaly) => ({ kind: ANOMALY, key: anomalyKey(anomaly) })),
      ];
    });
    return changed;
  }

  /** Writes that a subscription was told of the anomalies of a monitor that `isToBeTold` says, and what tells so; once. */
  async noteTold(
    subscriptionArn: string,
    monitorArn: string,
    isToBeTold: (anomaly: Anomaly) => boolean,
    notices: (untold: readonly Anomaly[]) => readonly RecordChange[],
  ): Promise<void> {
    await this.#again(() => {
      const untold = this.anomalies(monitorArn).filter(
        (anomaly) => !anomaly.toldSubscriptions.includes(subscriptionArn) && isToBeTold(anomaly),
      );
      return untold.length === 0
        ? []
        : [
            ...untold.map((anomaly) =>
              this.#put({ ...anomaly, toldSubscriptions: [...anomaly.toldSubscriptions, subscriptionArn] }),
            ),
            ...notices(untold),
          ];
    });
  }

  /** Writes up to when a subscription's summaries have come, and the notices that bring them there; once. */
  async noteSummary(arn: string, untilMs: number, notices: () => readonly RecordChange[]): Promise<void> {
    await this.#again(() => {
      const stored = this.#records.get<AnomalySubscription>(SUBSCRIPTION, arn);
      if (!stored || (stored.body.summarisedUntilMs ?? 0) >= untilMs) return [];
      const body = { ...stored.body, summarisedUntilMs: untilMs };
      return [{ kind: SUBSCRIPTION, key: arn, body, expectedVersion: stored.version }, ...notices()];
    });
  }

  /** Writes what `decide` says; decides anew when another writer was faster. */
  #again(decide: () => readonly RecordChange[]): Promise<void> {
    return anewOnConflict(async () => {
      const changes = decide();
      if (changes.length > 0) await this.#records.write(changes);
    });
  }

  #put(anomaly: Anomaly): RecordChange {
    const key = anomalyKey(anomaly);
    return { kind: ANOMALY, key, body: anomaly, expectedVersion: this.#records.get(ANOMALY, key)?.version ?? 0 };
  }

  #tagged(arn: string): (StoredRecord<AnomalyMonitor | AnomalySubscription> & { readonly kind: string }) | undefined {
    for (const kind of [MONITOR, SUBSCRIPTION]) {
      const stored = this.#records.get<AnomalyMonitor | AnomalySubscription>(kind, arn);
      if (stored) return { ...stored, kind };
    }
    return undefined;
  }

  #index(key: string, anomaly: Anomaly | undefined): void {
    const [monitorArn, id] = [key.slice(0, key.lastIndexOf('/')), key.slice(key.lastIndexOf('/') + 1)];
    const own = this.#anomalies.get(monitorArn) ?? new Map<string, Anomaly>();
    if (anomaly) own.set(id, anomaly);
    else own.delete(id);
    if (own.size > 0) this.#anomalies.set(monitorArn, own);
    else this.#anomalies.delete(monitorArn);
  }

  #monitor(accountId: string, arn: string): StoredRecord<AnomalyMonitor> {
    const stored = this.#records.get<AnomalyMonitor>(MONITOR, arn);
    if (stored?.body.accountId === accountId) return stored;
    // AWS publishes no wording.
    throw new Fault('UnknownMonitorException', `Anomaly monitor ${arn} was not found`);
  }

  #subscription(accountId: string, arn: string): StoredRecord<AnomalySubscription> {
    const stored = this.#records.get<AnomalySubscription>(SUBSCRIPTION, arn);
    if (stored?.body.accountId === accountId) return stored;
    // AWS publishes no wording.
    throw new Fault('UnknownSubscriptionException', `Anomaly subscription ${arn} was not found`);
  }
}

function watchedDimension({ dimension, specification }: AnomalyMonitor): string | undefined {
  const key = specification?.Tags?.Key ?? specification?.CostCategories?.Key ?? '';
  return dimension && `${dimension} ${key}`;
}

function anomalyKey({ monitorArn, id }: Anomaly): string {
  return `${monitorArn}/${id}`;
}

function byAge(a: AnomalyMonitor | AnomalySubscription, b: AnomalyMonitor | AnomalySubscription): number {
  return a.createdAtMs - b.createdAtMs || (a.arn < b.arn ? -1 : 1);
}

function latestFirst(a: Anomaly, b: Anomaly): number {
  return lastDayMs(b) - lastDayMs(a) || (a.id < b.id ? -1 : 1);
}

function limitExceeded(what: string): Fault {
  return new Fault('LimitExceededException', `You have reached the limit of anomaly ${what}s of your account`);
}
