import vector from '../vectors/focus/columns.json' with { type: 'json' };

export type FocusVersion = '1.0' | '1.2' | '1.4';
export type FocusRow = Readonly<Record<string, unknown>>;

interface FocusColumn {
  readonly name: string;
  readonly level: string;
  readonly nulls: boolean;
  readonly type: string;
  readonly since?: string;
  readonly until?: string;
  readonly values?: readonly string[];
  readonly nonNegative?: boolean;
}

/** A requirement of the specification on one row; the name says what has to hold. */
type RowRule = readonly [requirement: string, holds: (row: FocusRow) => boolean];

/** The specification's columns of a version, by name. */
export function specifiedColumns(version: FocusVersion): readonly FocusColumn[] {
  const columns: readonly FocusColumn[] = vector.columns;
  return columns.filter(({ since = '1.0', until = '9' }) => since <= version && version <= until);
}

/** Every column of AWS's table of a version, in order. */
export function tableColumnNames(version: FocusVersion): readonly string[] {
  return [...specifiedColumns(version).map(({ name }) => name), ...vector.custom[version]];
}

/** What the specification's requirements say against these rows: each broken one once. Empty for a conforming delivery. */
export function focusViolations(version: FocusVersion, rows: readonly FocusRow[]): string[] {
  const columns = specifiedColumns(version);
  const broken = new Set<string>();
  for (const row of rows) {
    for (const column of columns) {
      const problem = columnProblem(column, row);
      if (problem) broken.add(`${column.name} ${problem}`);
    }
    for (const name of Object.keys(row)) {
      const isKnown = columns.some((column) => column.name === name);
      if (!isKnown && !/^x_[A-Z][A-Za-z0-9]*$/.test(name)) broken.add(`${name} is a custom column without x_`);
    }
    for (const [requirement, holds] of ROW_RULES) if (!holds(row)) broken.add(requirement);
  }
  return [...broken].sort();
}

function columnProblem({ name, nulls, type, values, nonNegative }: FocusColumn, row: FocusRow): string | undefined {
  if (!(name in row)) return 'is missing';
  const value = row[name];
  if (value === null) return nulls ? undefined : 'is null';
  // A JSON column that never has content is delivered as text.
  if (!TYPE_CHECKS[type]!(value)) return `is no ${type}`;
  if (values && !values.includes(value as string)) return `is none of the allowed values: ${value}`;
  return nonNegative && (value as number) < 0 ? 'is negative' : undefined;
}

const TYPE_CHECKS: Readonly<Record<string, (value: unknown) => boolean>> = {
  String: (value) => typeof value === 'string' && value.trim() !== '',
  Decimal: (value) => typeof value === 'number' && Number.isFinite(value),
  'Date/Time': (value) => value instanceof Date && !Number.isNaN(value.getTime()),
  // KeyValueFormat: unique keys, primitive values.
  JSON: (value) =>
    typeof value === 'object' && Object.values(value as object).every((member) => typeof member !== 'object'),
};

const isCorrection = (row: FocusRow) => row.ChargeClass === 'Correction';
const isRated = (row: FocusRow) => row.ChargeCategory === 'Usage' || row.ChargeCategory === 'Purchase';
const isNull = (value: unknown) => value === null || value === undefined;
const isEmpty = (value: unknown) => isNull(value) || Object.keys(value as object).length === 0;
/** Doubles: the last bits of a product may differ from the cost that was rounded once. */
const isClose = (a: unknown, b: unknown) =>
  Math.abs(Number(a) - Number(b)) <= 1e-12 + 1e-12 * Math.max(Math.abs(Number(a)), Math.abs(Number(b)));

const PRICED = [
  ...['ContractedUnitPrice', 'ListUnitPrice', 'PricingCategory', 'PricingQuantity', 'PricingUnit', 'SkuId'],
  'SkuPriceId',
];

function together(name: string, other: string): RowRule {
  return [`${name} is null exactly when ${other} is`, (row) => isNull(row[name]) === isNull(row[other])];
}

function onlyIf(name: string, other: string): RowRule {
  return [`${name} is null when ${other} is`, (row) => !isNull(row[other]) || isNull(row[name])];
}

function product(cost: string, price: string): RowRule {
  return [
    `${cost} is ${price} times PricingQuantity`,
    (row) =>
      isNull(row[price]) ||
      isNull(row.PricingQuantity) ||
      isCorrection(row) ||
      isClose(row[cost], (row[price] as number) * (row.PricingQuantity as number)),
  ];
}

const ROW_RULES: readonly RowRule[] = [
  ['ChargePeriodStart is before ChargePeriodEnd', (row) => row.ChargePeriodStart! < row.ChargePeriodEnd!],
  ['BillingPeriodStart is before BillingPeriodEnd', (row) => row.BillingPeriodStart! < row.BillingPeriodEnd!],
  [
    'Usage that is no correction lies in its billing period',
    (row) =>
      row.ChargeCategory !== 'Usage' ||
      isCorrection(row) ||
      (row.ChargePeriodStart! >= row.BillingPeriodStart! && row.ChargePeriodEnd! <= row.BillingPeriodEnd!),
  ],
  [
    'ChargeFrequency of a Purchase is not Usage-Based',
    (row) => row.ChargeCategory !== 'Purchase' || row.ChargeFrequency !== 'Usage-Based',
  ],
  ...PRICED.flatMap((name): RowRule[] => [
    [`${name} is null for Tax`, (row) => row.ChargeCategory !== 'Tax' || isNull(row[name])],
    [
      `${name} is not null for Usage and Purchase that are no corrections`,
      (row) => !isRated(row) || isCorrection(row) || !isNull(row[name]),
    ],
  ]),
  together('PricingUnit', 'PricingQuantity'),
  product('ListCost', 'ListUnitPrice'),
  product('ContractedCost', 'ContractedUnitPrice'),
  ...['ListCost', 'ContractedCost'].map(
    (name): RowRule => [
      `${name} of a Credit is its BilledCost`,
      (row) => row.ChargeCategory !== 'Credit' || isClose(row[name], row.BilledCost),
    ],
  ),
  [
    'EffectiveCost is BilledCost where nothing covers anything',
    (row) => !isNull(row.CommitmentDiscountId) || isClose(row.EffectiveCost, row.BilledCost),
  ],
  ['ConsumedQuantity is null but for Usage', (row) => row.ChargeCategory === 'Usage' || isNull(row.ConsumedQuantity)],
  [
    'ConsumedQuantity is not null for Usage that is no correction',
    (row) => row.ChargeCategory !== 'Usage' || isCorrection(row) || !isNull(row.ConsumedQuantity),
  ],
  together('ConsumedUnit', 'ConsumedQuantity'),
  ...['PricingUnit', 'ConsumedUnit'].map(
    (name): RowRule => [
      `${name} is a unit of the UnitFormat`,
      (row) => isNull(row[name]) || /^([1-9]\d* )?[A-Z][A-Za-z]*$/.test(row[name] as string),
    ],
  ),
  together('SubAccountName', 'SubAccountId'),
  together('RegionName', 'RegionId'),
  together('ResourceType', 'ResourceId'),
  onlyIf('ResourceName', 'ResourceId'),
  onlyIf('SkuMeter', 'SkuId'),
  onlyIf('SkuPriceId', 'SkuId'),
  ['SkuPriceDetails is empty without a SkuPriceId', (row) => !isNull(row.SkuPriceId) || isEmpty(row.SkuPriceDetails)],
  [
    'SkuPriceDetails has custom keys only in the form x_PascalCase',
    (row) =>
      Object.keys((row.SkuPriceDetails as object | null) ?? {}).every((key) => /^x_[A-Z][A-Za-z0-9]*$/.test(key)),
  ],
  ...['Category', 'Name', 'Quantity', 'Status', 'Type', 'Unit'].map((part) => {
    return onlyIf(`CommitmentDiscount${part}`, 'CommitmentDiscountId');
  }),
  onlyIf('CapacityReservationStatus', 'CapacityReservationId'),
  onlyIf('InvoiceDetailId', 'InvoiceId'),
  ['BillingCurrency is an ISO 4217 code', (row) => /^[A-Z]{3}$/.test(row.BillingCurrency as string)],
  ...['ContractedUnitPrice', 'EffectiveCost', 'ListUnitPrice'].map(
    (name): RowRule => [
      `PricingCurrency${name} is ${name} when the currencies are one`,
      (row) => row.PricingCurrency !== row.BillingCurrency || row[`PricingCurrency${name}`] === row[name],
    ],
  ),
];

/** Requirements that need all rows: one price has one SKU, one unit and one set of details. */
export function focusSkuViolations(rows: readonly FocusRow[]): string[] {
  const seen = new Map<unknown, string>();
  const broken = new Set<string>();
  for (const row of rows) {
    if (isNull(row.SkuPriceId)) continue;
    const facts = JSON.stringify([row.SkuId, row.PricingUnit, row.SkuMeter, row.SkuPriceDetails]);
    if ((seen.get(row.SkuPriceId) ?? facts) !== facts) broken.add(`SkuPriceId ${row.SkuPriceId} stands for two things`);
    seen.set(row.SkuPriceId, facts);
  }
  return [...broken];
}
