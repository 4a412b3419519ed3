import { Fault } from '../kernel/fault.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import type { RecordChange, RecordStore } from '../kernel/record-store.ts';
import { DAY_MS } from '../kernel/time.ts';
import { parseCents } from './cents.ts';
import type { FormerMonth, MonthDraft } from './draft-month.ts';
import type { Said } from './earlier-months.ts';
import type { Statement, StatementAmount, StatementContent, StatementEvent, StatementState } from './statement.ts';
import { detailOf, type SharedCost, type StatementDefinition, titleOf } from './statement-definition.ts';

const VERSION_KIND = 'statement';
const STATE_KIND = 'statementState';
const RUN_KIND = 'statementRun';
const COUNTER_KIND = 'statementCounter';
/** Changes whenever what a definition's statements say together does. */
const REVISION_KIND = 'statementRevision';

/** One month of one definition that was issued. */
export interface StatementRun {
  readonly definitionId: string;
  readonly period: string;
  /** How often it was issued. */
  readonly ordinal: number;
  readonly issuedAtMs: number;
  readonly bill: StatementAmount;
  /** The rules of then: what the month is worth now is told by them. */
  readonly sharedCosts: readonly SharedCost[];
  /** Values below the minimum, with their totals. */
  readonly carried: readonly { readonly value: string; readonly total: StatementAmount }[];
}

/** Who issues, and when. */
export interface Issue {
  readonly definition: StatementDefinition;
  /** ARN. */
  readonly by: string;
  readonly atMs: number;
  readonly isFinal: boolean;
}

export interface IssuedStatement {
  readonly statement: Statement;
  readonly state: StatementState;
}

/**
 * All statements that were issued. A version is written once; a number is given in the transaction that writes its statement,
 * so that none is left out and none is given twice, whoever issues beside and whenever the process dies.
 */
export class StatementLedger {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** What a draft is made on: `issue` refuses it after anything else was issued or voided. */
  revision(definitionId: string): number {
    return this.#records.get(REVISION_KIND, definitionId)?.version ?? 0;
  }

  run(definitionId: string, period: string): StatementRun | undefined {
    return this.#records.get<StatementRun>(RUN_KIND, runKey(definitionId, period))?.body;
  }

  /** The earliest month first. */
  runs(definitionId: string): StatementRun[] {
    const all = Array.from(this.#records.all<StatementRun>(RUN_KIND), ({ body }) => body);
    return all.filter((run) => run.definitionId === definitionId).sort((a, b) => (a.period < b.period ? -1 : 1));
  }

  /** In no order. */
  states(): StatementState[] {
    return Array.from(this.#records.all<StatementState>(STATE_KIND), ({ body }) => body);
  }

  /** Throws ResourceNotFoundException. */
  state(number: string): StatementState {
    const record = this.#records.get<StatementState>(STATE_KIND, number);
    if (!record) throw new Fault('ResourceNotFoundException', `there is no statement \`${number}\``);
    return record.body;
  }

  /** Throws ResourceNotFoundException. */
  version(number: string, version: number): Statement {
    const record = this.#records.get<Statement>(VERSION_KIND, versionKey(number, version));
    if (!record)
      throw new Fault('ResourceNotFoundException', `there is no version \`${version}\` of statement \`${number}\``);
    return record.body;
  }

  /** The latest versions of a definition that are not voided. */
  counting(definitionId: string): IssuedStatement[] {
    return this.states()
      .filter((state) => state.definitionId === definitionId && state.status !== 'voided')
      .map((state) => ({ state, statement: this.version(state.number, state.version) }));
  }

  /** What the statements of a month said, for issuing it anew. */
  former(definitionId: string, period: string): Map<string, FormerMonth> {
    const ofMonth = this.counting(definitionId).filter(({ statement }) => statement.period === period);
    return new Map(ofMonth.map(({ statement: { value, month } }) => [value, figuresOf(month)]));
  }

  /** What all statements of months before `before` have said of a month, by value. */
  said(definitionId: string, period: string, before: string): Map<string, Said> {
    const said = new Map<string, Said>();
    const add = (value: string, { netPicoUsd, cents }: FormerMonth, number?: string) => {
      const known = said.get(value) ?? { netPicoUsd: 0n, cents: 0n };
      const sum = { netPicoUsd: known.netPicoUsd + netPicoUsd, cents: known.cents + cents };
      said.set(value, { ...known, ...sum, ...(number !== undefined && { number }) });
    };
    for (const { statement } of this.counting(definitionId)) {
      if (statement.period >= before) continue;
      if (statement.period === period) add(statement.value, figuresOf(statement.month), statement.number);
      for (const line of statement.lines) {
        if (line.kind === 'earlier' && line.period === period) {
          add(statement.value, figuresOf({ usd: line.netUsd, amount: line.amount }));
        }
      }
    }
    return said;
  }

  /**
   * Gives numbers and writes everything at once. Values whose statement would say the same keep their version.
   * Throws RecordConflict when something was issued or voided since the `revision` on which the draft was made.
   */
  async issue(draft: MonthDraft, issue: Issue, revision: number): Promise<IssuedStatement[]> {
    const { definition, atMs } = issue;
    const year = new Date(atMs).getUTCFullYear();
    const counterKey = `${definition.prefix}/${year}`;
    const counter = this.#records.get<number>(COUNTER_KIND, counterKey);
    const formerRun = this.#records.get<StatementRun>(RUN_KIND, runKey(definition.id, draft.period));
    const former = this.counting(definition.id).filter(({ statement }) => statement.period === draft.period);
    const byValue = new Map(former.map((one) => [one.statement.value, one]));
    let given = counter?.body ?? 0;
    const issued = draft.statements.flatMap((content): IssuedStatement[] => {
      const before = byValue.get(content.value);
      if (before && isSame(before.statement, content)) return [];
      const number = before?.state.number ?? `${definition.prefix}-${year}-${String(++given).padStart(4, '0')}`;
      const statement = statementOf(content, draft, issue, number, (before?.state.version ?? 0) + 1);
      return [{ statement, state: stateOf(statement, before?.state) }];
    });
    const run: StatementRun = {
      ...{ definitionId: definition.id, period: draft.period, ordinal: (formerRun?.body.ordinal ?? 0) + 1 },
      ...{ issuedAtMs: atMs, bill: draft.bill, sharedCosts: definition.sharedCosts },
      carried: draft.carried.map(({ value, total }) => ({ value, total })),
    };
    await this.#records.write([
      { kind: REVISION_KIND, key: definition.id, body: run.ordinal, expectedVersion: revision },
      {
        ...{ kind: RUN_KIND, key: runKey(definition.id, draft.period), body: run },
        expectedVersion: formerRun?.version ?? 0,
      },
      ...(given === (counter?.body ?? 0)
        ? []
        : [{ kind: COUNTER_KIND, key: counterKey, body: given, expectedVersion: counter?.version ?? 0 }]),
      ...issued.flatMap(({ statement, state }) => this.#changesFor(statement, state)),
    ]);
    return issued;
  }

  /** Changes the state, and writes `more` with it. Throws RecordConflict when somebody else did meanwhile. */
  async change(
    number: string,
    next: (before: StatementState) => StatementState,
    more: readonly RecordChange[] = [],
  ): Promise<StatementState> {
    const before = this.state(number);
    const state = next(before);
    const { version: expectedVersion } = this.#records.get(STATE_KIND, number)!;
    const isVoided = state.status === 'voided';
    await this.#records.write([
      { kind: STATE_KIND, key: number, body: state, expectedVersion },
      ...(isVoided ? [{ kind: REVISION_KIND, key: state.definitionId, body: number }] : []),
      ...more,
    ]);
    return state;
  }

  #changesFor(statement: Statement, state: StatementState): RecordChange[] {
    const known = this.#records.get(STATE_KIND, statement.number);
    return [
      {
        ...{ kind: VERSION_KIND, key: versionKey(statement.number, statement.version), body: statement },
        expectedVersion: 0,
      },
      { kind: STATE_KIND, key: statement.number, body: state, expectedVersion: known?.version ?? 0 },
    ];
  }
}

function statementOf(
  content: StatementContent,
  { bill }: MonthDraft,
  { definition, by, atMs, isFinal }: Issue,
  number: string,
  version: number,
): Statement {
  const detail = detailOf(content.value, definition);
  return {
    ...content,
    ...{ number, version, definitionId: definition.id, definitionName: definition.name, kind: definition.kind },
    ...{
      key: definition.key,
      paper: definition.paper,
      title: titleOf(content.value, definition),
      costCenter: detail?.costCenter ?? '',
    },
    debitAccount: detail?.debitAccount ?? definition.ledgerAccounts.debit,
    ...{ issuedAtMs: atMs, issuedBy: by, dueAtMs: atMs + definition.dueDays * DAY_MS, isFinal, bill },
  };
}

/** A new version waits for approval again. */
function stateOf({ number, version, issuedAtMs, issuedBy, ...of }: Statement, before?: StatementState): StatementState {
  const event: StatementEvent = { status: 'issued', version, atMs: issuedAtMs, by: issuedBy };
  return {
    ...{ number, definitionId: of.definitionId, period: of.period, value: of.value, version, status: 'issued' },
    events: [...(before?.events ?? []), event],
    deliveries: before?.deliveries ?? [],
  };
}

/** Other words for the same amounts are no reason for another version. */
function isSame(before: StatementContent, now: StatementContent): boolean {
  const wordless = ({ lines, total }: StatementContent) =>
    JSON.stringify([total, lines.map((line) => ({ ...line, text: '' }))]);
  return wordless(before) === wordless(now);
}

function figuresOf({ usd, amount }: StatementAmount): FormerMonth {
  return { netPicoUsd: parsePicoUsd(usd), cents: parseCents(amount) };
}

function runKey(definitionId: string, period: string): string {
  return `${definitionId}/${period}`;
}

function versionKey(number: string, version: number): string {
  return `${number}/${version}`;
}
