import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';

export interface ImportAnswer {
  readonly Import: {
    readonly ImportId: string;
    readonly SourceId: string;
    readonly State: string;
    readonly Problems: readonly { readonly File?: string; readonly Text: string }[];
    readonly Ignored: readonly { readonly Path: string }[];
    readonly MadePrimary: boolean;
    readonly Log?: {
      readonly Calls: string;
      readonly Notes: readonly { readonly IsKept: boolean; readonly Reason: string; readonly Records: string }[];
      readonly Refused: readonly { readonly File: string; readonly Text: string }[];
    };
  };
  readonly Progress?: { readonly FilesDone: number; readonly FilesTotal: number };
  readonly Deliveries: readonly { readonly Findings: readonly { readonly Code: string }[] }[];
  readonly Periods: readonly ImportedPeriod[];
  readonly PrimaryBook: string;
}

export interface ImportedPeriod {
  readonly BillingPeriod: string;
  readonly Format: string;
  readonly Rows: string;
  readonly CostUsd: string;
  readonly RoundingUsd: string;
  readonly PayerAccountId: string;
  readonly TagKeys: readonly string[];
  readonly NotImported: readonly { readonly Product: string; readonly Rows: string }[];
  readonly Unrecognised: readonly { readonly UsageType: string }[];
  readonly Findings: readonly { readonly Code: string }[];
}

interface ComparedCode {
  readonly Code: string;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
}

interface ImportedSource {
  readonly SourceId: string;
  readonly Location: string;
  readonly Periods: readonly ImportedPeriod[];
}

/** What people and scripts do with imports, as the administrator of a test server. */
export class ImportClient {
  readonly #client: TallylineClient;

  constructor(dataFolder: string, nowMs: () => number = Date.now) {
    this.#client = new TallylineClient(readProfile(dataFolder, {}), nowMs);
  }

  call<Output>(operation: string, input: object): Promise<Output> {
    return this.#client.call<Output>(operation, input);
  }

  async start(Location: string, options: object = {}): Promise<string> {
    const { Import } = await this.call<Pick<ImportAnswer, 'Import'>>('StartBillImport', { Location, ...options });
    return Import.ImportId;
  }

  look(ImportId: string): Promise<ImportAnswer> {
    return this.call('GetBillImport', { ImportId });
  }

  /** Waits until it is so. */
  async until(importId: string, holds: (answer: ImportAnswer) => boolean): Promise<ImportAnswer> {
    for (;;) {
      const answer = await this.look(importId);
      if (holds(answer)) return answer;
      await new Promise((settle) => setTimeout(settle, 20));
    }
  }

  async ended(importId: string): Promise<ImportAnswer> {
    return this.until(importId, ({ Import }) => !['queued', 'running'].includes(Import.State));
  }

  async import(location: string, options: object = {}): Promise<ImportAnswer> {
    return this.ended(await this.start(location, options));
  }

  async sources(): Promise<readonly ImportedSource[]> {
    return (await this.call<{ Sources: ImportedSource[] }>('ListBillSources', {})).Sources;
  }

  /** The comparison of a source's bill, once it is made. */
  async reconciled(sourceId: string): Promise<{ readonly Codes: readonly ComparedCode[] }> {
    for (;;) {
      const { Reconciliations } = await this.call<{
        Reconciliations: { Id: string; SourceId: string; State: string }[];
      }>(...(['ListReconciliations', {}] as const));
      const done = Reconciliations.find(({ SourceId, State }) => SourceId === sourceId && State === 'DONE');
      if (done) {
        const input = { Id: done.Id };
        return (await this.call<{ Reconciliation: { Codes: ComparedCode[] } }>('GetReconciliation', input))
          .Reconciliation;
      }
      await new Promise((settle) => setTimeout(settle, 20));
    }
  }

  /** Costs of a month by the values of a group. */
  async costs(month: string, group: { readonly Type: string; readonly Key: string }): Promise<Record<string, string>> {
    const Start = `${month}-01T00:00:00Z`;
    const End = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 1)).toISOString();
    const question = { Start, End, Granularity: 'TOTAL', GroupBy: [group], Book: 'bill' };
    const { Rows } = await this.call<{ Rows: { Keys: string[]; CostUsd: string }[] }>('GetReport', question);
    return Object.fromEntries(Rows.map(({ Keys, CostUsd }) => [Keys[0]!, CostUsd]));
  }
}
