import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BCMDataExportsClient, CreateExportCommand, DeleteExportCommand } from '@aws-sdk/client-bcm-data-exports';
import { BudgetsClient } from '@aws-sdk/client-budgets';
import { CostExplorerClient } from '@aws-sdk/client-cost-explorer';
import { FolderObjectStore } from '../../../src/adapters/folder-object-store.ts';
import { SqliteRecordStore } from '../../../src/adapters/sqlite-record-store.ts';
import { CostCategoryRegistry } from '../../../src/allocation/cost-category-registry.ts';
import { TagLedger } from '../../../src/allocation/tag-ledger.ts';
import { type Charge, chargeLineItem } from '../../../src/billing/charge.ts';
import { ChargeLedger } from '../../../src/billing/charge-ledger.ts';
import { type Invoice, invoicesOf } from '../../../src/billing/invoice.ts';
import { PeriodLedger } from '../../../src/billing/period-ledger.ts';
import { BudgetOutlooks } from '../../../src/budgets/budget-forecast.ts';
import { BudgetRegistry } from '../../../src/budgets/budget-registry.ts';
import { report as printReport, type ReportOptions } from '../../../src/cli/report.ts';
import { readPercentage } from '../../../src/kernel/percentage.ts';
import { NO_TAGS } from '../../../src/kernel/tags.ts';
import { billingPeriodOf } from '../../../src/kernel/time.ts';
import type { JournalBatch, JournalReader } from '../../../src/metering/journal-batch.ts';
import type { UsageEvent } from '../../../src/metering/usage-event.ts';
import type { JournalPosition } from '../../../src/metering/usage-journal.ts';
import { NoticeBook } from '../../../src/notices/notice-book.ts';
import { bookCharges, bookRecorded } from '../../../src/paths/booking-path.ts';
import { lookAtBudget } from '../../../src/paths/budget-path.ts';
import { CallerTurns, STORE_TURNS } from '../../../src/paths/caller-turns.ts';
import { closePeriod, periodSums } from '../../../src/paths/close-path.ts';
import { CostPath } from '../../../src/paths/cost-path.ts';
import type { OperationTable } from '../../../src/paths/operation-handler.ts';
import { report } from '../../../src/paths/report-path.ts';
import { rerate } from '../../../src/paths/rerate-path.ts';
import { type SplitRow, splitReport } from '../../../src/paths/split-charge-path.ts';
import { PriceBook } from '../../../src/rating/price-book.ts';
import type { CostCatalog } from '../../../src/reports/cost-catalog.ts';
import { type ExecutionRecord, ExportRegistry, isFinal } from '../../../src/reports/export-registry.ts';
import { ExportRunner } from '../../../src/reports/export-run.ts';
import { forecastRanges } from '../../../src/reports/forecast.ts';
import type { ReportQuery, ReportRow } from '../../../src/reports/report-query.ts';
import { tagKeyUsage } from '../../../src/reports/tag-usage.ts';
import { budgetsOperations } from '../../../src/services/budgets.ts';
import { costExplorerOperations } from '../../../src/services/cost-explorer.ts';
import { dataExportsOperations } from '../../../src/services/data-exports.ts';
import { type TallylineServiceParts, tallylineOperations } from '../../../src/services/tallyline.ts';
import { decodeInput } from '../../../src/wire/decode.ts';
import { encodeOutput } from '../../../src/wire/encode.ts';
import { encodeFault } from '../../../src/wire/encode-fault.ts';
import { dialectOf, route } from '../../../src/wire/route.ts';
import { jsonRequest, wireRequest } from '../../../src/wire/wire-request.fixture.ts';
import { readParquet } from '../../cur/exporter.ts';
import { shippedModels, shippedSheet } from '../../rating/shipped-prices.ts';
import { operationCall } from '../../reports/cost-explorer-bench.ts';
import { openReportStore, type ReportStore } from '../../reports/report-store.ts';
import { type Act, FIRST_MS, LAST_MS, type Organisation, PAYER } from './organisation.ts';

/** Calls that one journal batch holds at most: enough batches for a line item to come in parts. */
const BATCH_CALLS = 150;

/**
 * All of Tallyline from the journal on, in this process, with time of its own: the embedded engine, the cost path, records,
 * and the wire APIs for clients of the AWS SDK.
 */
export class Installation {
  readonly ce: CostExplorerClient;
  readonly budgets: BudgetsClient;
  readonly prices: PriceBook;
  nowMs = 0;
  readonly #reports: ReportStore;
  readonly #folder = mkdtempSync(join(tmpdir(), 'tallyline-conservation-'));
  readonly #exports: BCMDataExportsClient;
  readonly #runner: ExportRunner;
  readonly #exportRegistry: ExportRegistry;
  readonly #tags: TagLedger;
  readonly #categories: CostCategoryRegistry;
  readonly #charges: ChargeLedger;
  readonly #periods: PeriodLedger;
  readonly #budgetPath: Parameters<typeof lookAtBudget>[1];
  readonly #operations: Readonly<Record<string, OperationTable>>;
  readonly #organisation: Organisation;
  #ids = 0;

  static async open(organisation: Organisation): Promise<Installation> {
    return new Installation(organisation, await openReportStore());
  }

  private constructor(organisation: Organisation, reports: ReportStore) {
    this.#organisation = organisation;
    this.#reports = reports;
    const { store } = reports;
    const clock = () => this.nowMs;
    const newId = () => `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, '0')}`;
    const records = new SqliteRecordStore(':memory:', clock);
    const { models, overrides, privateRates, percentages } = organisation;
    const parts = { sheet: shippedSheet, overrides, privateRates, percentages };
    this.prices = new PriceBook({ models: [...shippedModels, ...models], ...parts });
    this.#tags = new TagLedger({ records, clock, usedKeys: () => tagKeyUsage(store) });
    this.#categories = new CostCategoryRegistry({ records, clock, newId, fits: () => true });
    this.#charges = new ChargeLedger(records);
    this.#periods = new PeriodLedger(records);
    const costCatalog = () => this.catalog();
    const shared = { store, costCatalog, managementAccountId: PAYER, newId, clock };
    const outbox = new NoticeBook(records, clock);
    const budgetRegistry = new BudgetRegistry(records);
    // Budgets have no actions and no forecasts here.
    const newSignal = () => new AbortController().signal;
    const outlooks = new BudgetOutlooks(async () => undefined);
    const forActions = { directory: undefined!, auditLog: undefined! };
    this.#budgetPath = { ...shared, ...forActions, registry: budgetRegistry, outbox, outlooks, newSignal };
    const destination = new FolderObjectStore(this.#folder);
    const registry = new ExportRegistry(records);
    this.#exportRegistry = registry;
    this.#runner = new ExportRunner({
      ...{
        registry,
        store,
        clock,
        newId,
        destination: () => destination,
        lineItemsPerFile: 1_500,
        firstDeliveryDelayMs: 0,
      },
      bill: () => ({
        payerAccountId: PAYER,
        ...this.catalog(),
        modelOf: (modelId) => this.prices.model(modelId),
        chargeOf: (chargeId) => this.#charges.charge(chargeId),
        invoiceIdOf: () => '',
      }),
      onFailure: (_arn, error) => {
        throw error;
      },
    });
    this.#operations = {
      ce: costExplorerOperations({
        ...shared,
        tags: this.#tags,
        hasExtensions: false,
        forecast: async (...question) => forecastRanges(...question),
        isFinalPeriod: (period) => this.#periods.isFinal(period),
      }),
      budgets: budgetsOperations({ ...shared, ...forActions, registry: budgetRegistry, onChange: () => {} }),
      'bcm-data-exports': dataExportsOperations({
        ...{ registry, runner: this.#runner, destination: () => destination, newId },
      }),
      // Reports are all that is asked for here.
      tallyline: tallylineOperations({
        ...shared,
        storeTurns: new CallerTurns(STORE_TURNS),
        prices: this.prices,
        admission: {},
        billImports: {},
      } as unknown as TallylineServiceParts),
    };
    const client = {
      region: 'us-east-1',
      endpoint: 'http://127.0.0.1:4600',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
      requestHandler: this.#transport() as never,
    };
    this.ce = new CostExplorerClient(client);
    this.budgets = new BudgetsClient(client);
    this.#exports = new BCMDataExportsClient(client);
  }

  catalog(): CostCatalog {
    return {
      tags: this.#tags.all(),
      categories: this.#categories.catalog(),
      accountNames: this.#organisation.accountNames,
      models: this.prices.models,
    };
  }

  /** Lives through everything that happens in the organisation, in the order of time. */
  async live(): Promise<void> {
    const { events, acts } = this.#organisation;
    const journal = new MemoryJournal(events);
    const { store } = this.#reports;
    const path = new CostPath({
      ...{ journalId: 'journal', reader: journal, prices: this.prices, store },
      firstOpenPeriod: () => this.#periods.firstOpen(),
      sliceInstants: () => this.#tags.sliceInstants(),
    });
    await this.#periods.begin(billingPeriodOf(FIRST_MS));
    const shipUntil = async (atMs: number) => {
      const ended = events.findIndex(({ endedAtMs }) => endedAtMs >= atMs);
      const durable = { segment: 1, offset: ended === -1 ? events.length : ended };
      while (journal.position.offset < durable.offset) await path.shipNext(durable).catch(journal.expectDeath);
    };
    for (const { atMs, ...act } of acts) {
      await shipUntil(atMs);
      this.nowMs = atMs;
      await this.#act(act);
    }
    await shipUntil(Number.POSITIVE_INFINITY);
    this.nowMs = LAST_MS;
  }

  /** The report path, as every surface asks it. */
  report(query: ReportQuery): Promise<ReportRow[]> {
    return report(query, { store: this.#reports.store, costCatalog: () => this.catalog() });
  }

  /** Recorded by people, or made by the close of a period. */
  charges(): readonly Charge[] {
    return this.#charges.charges();
  }

  async invoices(period: string): Promise<Invoice[]> {
    return invoicesOf(period, await periodSums(period, this.#reports.store));
  }

  /** The split charges of a cost category from March to May. */
  splits(costCategory: string): Promise<SplitRow[]> {
    const deps = { store: this.#reports.store, costCatalog: () => this.catalog() };
    return splitReport({ costCategory, firstPeriod: '2026-03', lastPeriod: '2026-05' }, deps);
  }

  /** What `tallyline report --json` prints. */
  async commandLine(options: ReportOptions): Promise<{ Keys: string[]; CostUsd: string; NetCostUsd: string }[]> {
    let printed = '';
    const call = async (operation: string, input: object) => {
      return JSON.parse(String((await this.#answer(jsonRequest(`Tallyline.${operation}`, input))).body));
    };
    await printReport({ call } as never, { ...options, json: true }, this.nowMs, (text) => {
      printed += text;
    });
    return JSON.parse(printed).rows;
  }

  /** Rows of a delivered export, by billing period. */
  async deliver(
    table: string,
    properties: Readonly<Record<string, string>>,
    columns: readonly string[],
  ): Promise<Record<string, unknown>[]> {
    const Name = `export-${++this.#ids}`;
    const { ExportArn } = await this.#exports.send(
      new CreateExportCommand({
        Export: {
          Name,
          DataQuery: {
            QueryStatement: `SELECT ${columns.join(', ')} FROM ${table}`,
            TableConfigurations: { [table]: properties },
          },
          DestinationConfigurations: {
            S3Destination: {
              ...{ S3Bucket: 'bills', S3Prefix: 'p', S3Region: 'us-east-1' },
              S3OutputConfigurations: {
                ...{ OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'OVERWRITE_REPORT' },
              },
            },
          },
          RefreshCadence: { Frequency: 'SYNCHRONOUS' },
        },
      }),
    );
    const { status } = await this.#delivered(ExportArn!);
    if (status !== 'DELIVERY_SUCCESS') throw new Error(`the export of ${table} ended with ${status}`);
    const folder = join(this.#folder, 'bills', 'p', Name, 'data');
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.parquet'),
    );
    const files = names.map((name) => readParquet(readFileSync(join(folder, name))));
    await this.#exports.send(new DeleteExportCommand({ ExportArn }));
    return (await Promise.all(files)).flat();
  }

  /** Looks at a budget, as the schedule does. */
  async lookAtBudget(name: string): Promise<void> {
    await lookAtBudget({ accountId: PAYER, name }, this.#budgetPath, this.nowMs);
  }

  /** Rates a month anew, which makes one row of the parts that batches left of a line item. */
  async rerate(period: string): Promise<void> {
    const { store } = this.#reports;
    await rerate(period, true, {
      ...{ store, prices: this.prices, sliceInstants: () => this.#tags.sliceInstants() },
      firstOpenPeriod: () => this.#periods.firstOpen(),
    });
  }

  async close(): Promise<void> {
    await this.#runner.close();
    for (const client of [this.ce, this.budgets, this.#exports]) client.destroy();
    await this.#reports.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** The first delivery, which the creation of an export begins. */
  async #delivered(exportArn: string): Promise<ExecutionRecord> {
    for (;;) {
      const [execution] = this.#exportRegistry.executions(exportArn);
      if (execution && isFinal(execution.status)) return execution;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #act(act: Act): Promise<void> {
    const { store } = this.#reports;
    if (act.kind === 'switch') {
      const errors = await this.#tags.setStatuses([act], `arn:aws:iam::${PAYER}:root`);
      if (errors.length > 0) throw new Error(`${act.key}: ${errors[0]!.code}`);
    } else if (act.kind === 'backfill') {
      await this.#tags.startBackfill(act.fromMs, `arn:aws:iam::${PAYER}:root`);
    } else if (act.kind === 'charge') {
      await this.#charges.addCharge(act.charge);
      // As after a crash in between, the store is handed the same line twice.
      await bookCharges([chargeLineItem(act.charge)], store);
      await this.#book();
    } else if (act.kind === 'credit') {
      await this.#charges.addCredit(act.credit);
    } else if (act.kind === 'close') {
      await closePeriod(act.period, {
        ...{ periods: this.#periods, charges: this.#charges, store, clock: () => this.nowMs },
        taxes: [{ type: 'VAT', percentage: readPercentage('19')! }],
        accountTagsOf: (accountId) => (accountId === PAYER ? [] : [['env', 'prod']]),
        bookCharges: (period) => this.#book(period),
        // What has ended is in the store already.
        seal: async () => {},
      });
    } else {
      const known = this.#categories.versions(this.nowMs).find(({ category }) => category.name === act.name);
      const { definition, fromMs } = act;
      if (known) await this.#categories.update(known.category.arn, definition, fromMs);
      else await this.#categories.create({ accountId: PAYER, name: act.name, definition, fromMs, tags: NO_TAGS });
    }
  }

  #book(period?: string): Promise<void> {
    const { store } = this.#reports;
    return bookRecorded({ ledger: this.#charges, book: (items) => bookCharges(items, store) }, period);
  }

  /** Hands what the SDK sends to the operations: decoded, run and encoded as the server does. */
  #transport() {
    return {
      metadata: { handlerProtocol: 'http/1.1' },
      handle: async (sent: { headers: Record<string, string>; body?: string | Uint8Array }) => {
        const headers = Object.fromEntries(
          Object.entries(sent.headers).map(([name, value]) => [name.toLowerCase(), value]),
        );
        const body = typeof sent.body === 'object' ? Buffer.concat([sent.body]) : Buffer.from(sent.body ?? '');
        const request = wireRequest({ headers, body });
        const { status, headers: answered, body: answer } = await this.#answer(request);
        return {
          response: { statusCode: status, headers: answered, body: Readable.from([Buffer.from(answer as Buffer)]) },
        };
      },
      updateHttpClientConfig: () => {},
      httpHandlerConfigs: () => ({}),
    };
  }

  async #answer(request: ReturnType<typeof wireRequest>) {
    try {
      const routed = route(request);
      const { service, name } = routed.operation;
      const call = operationCall(decodeInput(routed, request), PAYER, this.nowMs);
      return encodeOutput(routed.operation, await this.#operations[service]![name]!.run(call), 'request');
    } catch (error) {
      return encodeFault(dialectOf(request), error, 'request');
    }
  }
}

/** A journal of settled calls. Every fifth batch is stored, but the process dies before the journal knows. */
class MemoryJournal implements JournalReader {
  position: JournalPosition = { segment: 1, offset: 0 };
  readonly #events: readonly UsageEvent[];
  #deaths = 0;
  #hasDied = false;
  #frozen: { readonly offset: number; readonly firstOpenPeriod: string } | undefined;

  constructor(events: readonly UsageEvent[]) {
    this.#events = events;
  }

  async read({ offset }: JournalPosition, durable: JournalPosition): Promise<JournalBatch | undefined> {
    const end = Math.min(offset + BATCH_CALLS, durable.offset);
    if (offset >= end) return undefined;
    return { from: { segment: 1, offset }, to: { segment: 1, offset: end }, events: this.#events.slice(offset, end) };
  }

  /** The period that was the first open one when a batch was handed over for the first time. */
  async freeze({ from }: JournalBatch, firstOpenPeriod: string): Promise<string> {
    this.#frozen = this.#frozen?.offset === from.offset ? this.#frozen : { offset: from.offset, firstOpenPeriod };
    return this.#frozen.firstOpenPeriod;
  }

  async shipped({ to }: JournalBatch): Promise<void> {
    this.#hasDied = !this.#hasDied && ++this.#deaths % 5 === 0;
    if (this.#hasDied) throw new Error('died');
    this.position = to;
  }

  readonly expectDeath = (error: unknown): void => {
    if (!this.#hasDied) throw error;
  };
}
