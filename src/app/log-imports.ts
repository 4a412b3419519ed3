import type { PeriodLedger } from '../billing/period-ledger.ts';
import type { Directory } from '../identity/directory.ts';
import type { ImportLedger } from '../imports/import-ledger.ts';
import type { BillImport, BillSource } from '../imports/import-records.ts';
import { ImportRefused } from '../imports/import-refused.ts';
import { type FoundLog, otherThanLog } from '../imports/log-layout.ts';
import { logUpstream } from '../imports/log-source.ts';
import type { ModelCatalog } from '../inference/model-catalog.ts';
import { Fault } from '../kernel/fault.ts';
import { readPrincipal } from '../kernel/principal-name.ts';
import { NO_TAGS, sortedTagPairs } from '../kernel/tags.ts';
import { billingPeriodStartMs, type Clock, SECOND_MS } from '../kernel/time.ts';
import type { PastCalls } from '../metering/usage-journal.ts';
import { type LoggedCallers, type LogPathParts, runLogImport } from '../paths/log-path.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';
import type { CostThread } from './cost-thread-handle.ts';

export interface LogImportsParts {
  readonly catalog: ModelCatalog;
  readonly directory: Directory;
  readonly journal: PastCalls;
  readonly costThread: Pick<CostThread, 'ship' | 'removeUpstream'>;
  readonly store: Pick<CostStore, 'query'>;
  readonly periods: Pick<PeriodLedger, 'first' | 'firstOpen'>;
  readonly recordKeeping: { readonly nodeId: string };
  readonly clock: Clock;
}

/** Imports of model invocation logs: their calls go into the ledger. */
export class LogImports {
  readonly #parts: LogImportsParts;
  readonly #callers: LoggedCallers;

  constructor(parts: LogImportsParts) {
    this.#parts = parts;
    this.#callers = loggedCallers(parts);
  }

  async run(
    one: BillImport,
    source: BillSource,
    log: FoundLog,
    parts: Pick<LogPathParts, 'ledger' | 'files' | 'unpack' | 'signal' | 'progress'>,
  ): Promise<void> {
    const { journal, costThread, store, clock, recordKeeping } = this.#parts;
    const { nodeId } = recordKeeping;
    const ship = () => costThread.ship();
    const callers = this.#callers;
    await runLogImport(one, source, log, { ...parts, ...{ journal, ship, store, nodeId, clock, callers } });
  }

  /**
   * After imports that did not end by themselves: nothing of them is in this node's journal any more. What is left of a source
   * that another node has removed meanwhile goes with it.
   */
  async settle(ledger: ImportLedger): Promise<void> {
    const { costThread, recordKeeping } = this.#parts;
    const own = ledger.handingOver(recordKeeping.nodeId);
    if (own.length === 0) return;
    await costThread.ship();
    for (const sourceId of own) {
      if (await ledger.settleLog(sourceId)) continue;
      await costThread.removeUpstream(logUpstream(sourceId));
      await ledger.forgetLog(sourceId);
    }
  }

  /** Removes the calls of a source. Throws ValidationException where a closed billing period has some of them. */
  async remove(sourceId: string): Promise<void> {
    const { store, costThread, periods } = this.#parts;
    const upstream = logUpstream(sourceId);
    const secondsAt = (period: string) => (period === '' ? 0 : billingPeriodStartMs(period) / SECOND_MS);
    const [closed] = await store.query<{ lines: string; period: string }>({
      sql: `SELECT count() AS lines, formatDateTime(max(bucket_start), '%Y-%m') AS period FROM ${LINE_ITEM_TABLE}
        WHERE upstream = {upstream:String} AND bucket_start >= {first:UInt32} AND bucket_start < {open:UInt32}`,
      params: { upstream, first: secondsAt(periods.first()), open: secondsAt(periods.firstOpen()) },
    });
    if (Number(closed!.lines) > 0) {
      throw new Fault(
        'ValidationException',
        `calls of \`${sourceId}\` are in the closed billing period \`${closed!.period}\`, which is not changed any more; its watch can be ended with \`tallyline import --no-watch\``,
      );
    }
    await costThread.removeUpstream(upstream);
  }
}

/** True where a source is to be read as a log. Throws ImportRefused for one that holds bills as well. */
export function isLog(source: BillSource, log: FoundLog, ledger: ImportLedger): boolean {
  if (log.folders.length === 0) {
    if (!ledger.log(source.id)) return false;
    throw new ImportRefused([{ text: 'the model invocation log that was imported from here is gone' }]);
  }
  const problems = otherThanLog(source.location, log);
  if (problems.length > 0) throw new ImportRefused(problems);
  if (ledger.periods(source.id).length === 0) return true;
  const text = `bills were imported from here: remove them first (\`tallyline bill-source remove ${source.id}\`)`;
  throw new ImportRefused([{ text }]);
}

function loggedCallers({ catalog, directory }: Pick<LogImportsParts, 'catalog' | 'directory'>): LoggedCallers {
  const tagsOf = (principalArn: string) => {
    const { kind, accountId, role, person } = readPrincipal(principalArn);
    if (kind === 'user' || kind === 'api-key-user') return directory.user(accountId, person)?.tags;
    return role === '' ? undefined : directory.role(accountId, role)?.tags;
  };
  return {
    modelOf: (requestedModelId, scope) => {
      try {
        return catalog.resolve(requestedModelId, scope);
      } catch {
        return undefined;
      }
    },
    principalTagsOf: (principalArn) => sortedTagPairs(tagsOf(principalArn) ?? NO_TAGS),
    accountTagsOf: (accountId) => sortedTagPairs(directory.account(accountId)?.tags ?? NO_TAGS),
  };
}
