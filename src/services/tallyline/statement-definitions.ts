import type { BusinessMetricRegistry } from '../../allocation/business-metric-registry.ts';
import { Fault } from '../../kernel/fault.ts';
import type { NoticeAddress } from '../../kernel/notice.ts';
import type { OperationTable } from '../../paths/operation-handler.ts';
import type {
  LedgerAccounts,
  SharedCost,
  StatementDefinition,
  ValueDetail,
} from '../../statements/statement-definition.ts';
import type { StatementDefinitions } from '../../statements/statement-definitions.ts';
import type { StatementLedger } from '../../statements/statement-ledger.ts';
import { managementOnly } from './management-only.ts';
import { readGroupKey, type WireGroupKey } from './report-input.ts';

export interface StatementDefinitionParts {
  readonly statementDefinitions: StatementDefinitions;
  readonly statements: StatementLedger;
  readonly managementAccountId: string;
  readonly newToken: () => string;
  readonly businessMetrics: BusinessMetricRegistry;
}

export interface WireAddress {
  readonly Type: NoticeAddress['type'];
  readonly Address: string;
}

interface WireSharedCost {
  readonly Name: string;
  readonly Values?: readonly string[];
  readonly Charges?: SharedCost['charges'];
  readonly Rule: SharedCost['rule'];
  readonly Among?: readonly string[];
  readonly Percentages?: readonly string[];
  readonly Metric?: string;
}

interface WireValueDetail {
  readonly Value: string;
  readonly Title?: string;
  readonly CostCenter?: string;
  readonly DebitAccount?: string;
  readonly Recipients?: readonly WireAddress[];
}

/** A definition as it is written; what is absent has the default that `readDefinition` names. */
export interface WireDefinition {
  readonly Name: string;
  readonly Kind?: StatementDefinition['kind'];
  readonly Prefix?: string;
  readonly Key: WireGroupKey;
  readonly Book?: StatementDefinition['book'];
  readonly Detail?: StatementDefinition['detail'];
  readonly SharedCosts?: readonly WireSharedCost[];
  readonly Values?: readonly WireValueDetail[];
  readonly Recipients?: readonly WireAddress[];
  readonly MinimumUsd?: string;
  readonly DueDays?: number;
  readonly Paper?: StatementDefinition['paper'];
  readonly DebitAccount?: string;
  readonly CreditAccount?: string;
  readonly CreditCostCenter?: string;
}

/** Who gets a statement of what. They are the management account's: a definition covers the whole bill. */
export function statementDefinitionOperations(parts: StatementDefinitionParts): OperationTable {
  const { statementDefinitions: definitions, statements, newToken } = parts;
  const ofManagement = managementOnly(parts.managementAccountId, 'defines statements');
  const checked = (definition: StatementDefinition) => checkMetrics(definition, parts);
  const answer = (definition: StatementDefinition) => ({ StatementDefinition: wireDefinition(definition, statements) });
  return {
    CreateStatementDefinition: ofManagement<{ Definition: WireDefinition }>(
      'CreateStatementDefinition',
      async ({ input, nowMs }) =>
        answer(await definitions.create(checked(readDefinition(input.Definition, newToken(), nowMs)))),
    ),
    UpdateStatementDefinition: ofManagement<{ DefinitionId: string; Definition: WireDefinition }>(
      'UpdateStatementDefinition',
      async ({ input: { DefinitionId: id, Definition }, nowMs }) =>
        answer(
          await definitions.change(id, ({ createdAtMs }) => ({
            ...checked(readDefinition(Definition, id, nowMs)),
            createdAtMs,
          })),
        ),
    ),
    DeleteStatementDefinition: ofManagement<{ DefinitionId: string }>(
      'DeleteStatementDefinition',
      async ({ input }) => {
        await definitions.delete(input.DefinitionId);
        return {};
      },
    ),
    ListStatementDefinitions: ofManagement('ListStatementDefinitions', () => ({
      StatementDefinitions: definitions.all().map((definition) => wireDefinition(definition, statements)),
    })),
  };
}

/** Throws ValidationException for a business metric that is kept by another key, ResourceNotFoundException for none. */
function checkMetrics(
  definition: StatementDefinition,
  { businessMetrics }: Pick<StatementDefinitionParts, 'businessMetrics'>,
): StatementDefinition {
  const key = wireGroupKey(definition.key);
  for (const { metric } of definition.sharedCosts) {
    if (metric === undefined) continue;
    const { by } = businessMetrics.metric(metric);
    if (by?.Type === key.Type && by.Key === key.Key) continue;
    throw new Fault('ValidationException', `the business metric \`${metric}\` is not kept by \`${key.Key}\``);
  }
  return definition;
}

/** A month from the issue to when it is due. */
const DUE_DAYS = 30;
const PREFIXES = { showback: 'SHB', chargeback: 'CHB' } as const;

export function readDefinition(input: WireDefinition, id: string, nowMs: number): StatementDefinition {
  const { Name, Kind = 'showback', Prefix = PREFIXES[Kind], Key, Book = 'primary', Detail = 'model' } = input;
  const ledgerAccounts: LedgerAccounts = {
    debit: input.DebitAccount ?? '',
    credit: input.CreditAccount ?? '',
    creditCostCenter: input.CreditCostCenter ?? '',
  };
  return {
    ...{ id, name: Name, kind: Kind, prefix: Prefix, key: readGroupKey(Key), book: Book, detail: Detail },
    sharedCosts: (input.SharedCosts ?? []).map(readSharedCost),
    values: (input.Values ?? []).map(readValueDetail),
    recipients: (input.Recipients ?? []).map(readAddress),
    ...{ minimumUsd: input.MinimumUsd ?? '0', dueDays: input.DueDays ?? DUE_DAYS, paper: input.Paper ?? 'A4' },
    ...{ ledgerAccounts, createdAtMs: nowMs, updatedAtMs: nowMs },
  };
}

function readSharedCost(wire: WireSharedCost): SharedCost {
  const { Name, Values = [], Charges = [], Rule, Among, Percentages, Metric } = wire;
  return {
    ...{ name: Name, values: Values, charges: Charges, rule: Rule },
    ...(Among && { among: Among }),
    ...(Percentages && { percentages: Percentages }),
    ...(Metric !== undefined && { metric: Metric }),
  };
}

function readValueDetail({ Value, Title, CostCenter, DebitAccount, Recipients = [] }: WireValueDetail): ValueDetail {
  return {
    value: Value,
    ...(Title && { title: Title }),
    ...(CostCenter && { costCenter: CostCenter }),
    ...(DebitAccount && { debitAccount: DebitAccount }),
    recipients: Recipients.map(readAddress),
  };
}

export function readAddress({ Type, Address }: WireAddress): NoticeAddress {
  return { type: Type, address: Address };
}

function wireAddress({ type, address }: NoticeAddress): WireAddress {
  return { Type: type, Address: address };
}

export function wireGroupKey(key: StatementDefinition['key']): WireGroupKey {
  if ('tag' in key) return { Type: 'TAG', Key: key.tag };
  if ('costCategory' in key) return { Type: 'COST_CATEGORY', Key: key.costCategory };
  if ('membership' in key) return { Type: 'MEMBERSHIP', Key: key.membership };
  return { Type: 'DIMENSION', Key: key.dimension };
}

function wireDefinition(definition: StatementDefinition, statements: StatementLedger): unknown {
  const { id, name, kind, prefix, key, book, detail, ledgerAccounts, minimumUsd, dueDays, paper } = definition;
  const runs = statements.runs(id);
  const latest = runs.at(-1);
  return {
    ...{ DefinitionId: id, Name: name, Kind: kind, Prefix: prefix, Key: wireGroupKey(key), Book: book, Detail: detail },
    SharedCosts: definition.sharedCosts.map(wireSharedCost),
    Values: definition.values.map(({ value, title, costCenter, debitAccount, recipients }) => ({
      Value: value,
      ...(title !== undefined && { Title: title }),
      ...(costCenter !== undefined && { CostCenter: costCenter }),
      ...(debitAccount !== undefined && { DebitAccount: debitAccount }),
      Recipients: recipients.map(wireAddress),
    })),
    Recipients: definition.recipients.map(wireAddress),
    ...{ MinimumUsd: minimumUsd, DueDays: dueDays, Paper: paper, Currency: 'USD' },
    DebitAccount: ledgerAccounts.debit,
    CreditAccount: ledgerAccounts.credit,
    CreditCostCenter: ledgerAccounts.creditCostCenter,
    ...(latest && { LatestPeriod: latest.period, LatestIssuedAt: new Date(latest.issuedAtMs) }),
    IssuedPeriods: runs.map(({ period }) => period),
    ...{ CreatedAt: new Date(definition.createdAtMs), UpdatedAt: new Date(definition.updatedAtMs) },
  };
}

function wireSharedCost({ name, values, charges, rule, among, percentages, metric }: SharedCost): WireSharedCost {
  return {
    ...{ Name: name, Values: values, Charges: charges, Rule: rule },
    ...(among && { Among: among }),
    ...(percentages && { Percentages: percentages }),
    ...(metric !== undefined && { Metric: metric }),
  };
}
