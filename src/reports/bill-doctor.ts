import { TAG_PREFIX } from '../kernel/billing-tag-key.ts';
import type { PicoUsd } from '../kernel/money.ts';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { BillProfile } from './bill-doctor/profile.ts';
import { activatedTags, changedExport, type ExportChange, newExport, type Remedy } from './bill-doctor/remedies.ts';

export { type BillProfile, type ProfileRow, profileSql, readProfile } from './bill-doctor/profile.ts';
export type { Remedy } from './bill-doctor/remedies.ts';

/** What is missing from a bill. */
export type BillFindingCode =
  | 'legacy_report'
  | 'focus_without_principals'
  | 'no_principal_column'
  | 'no_principals'
  | 'some_without_principal'
  | 'one_identity'
  | 'before_principals'
  | 'no_tag_column'
  | 'normalised_tags'
  | 'no_principal_tags'
  | 'no_resources'
  | 'coarse_grain'
  | 'no_net_cost'
  | 'no_list_cost'
  | 'no_line_type'
  | 'no_product_map'
  | 'log_no_bill';

export interface BillFinding {
  readonly code: BillFindingCode;
  /** `answer`: a question stays without an answer. `detail`: answers are coarser. */
  readonly loses: 'answer' | 'detail';
  /** One sentence: what is missing, and what it costs in words of the questions that people ask. */
  readonly text: string;
  /** Absent: nothing turns it on for what is there. */
  readonly remedy?: Remedy;
}

/** First usage that has a caller on AWS's bills (attribution of Bedrock inference to IAM principals, announced 2026-04-09). */
export const PRINCIPALS_SINCE_MS = Date.UTC(2026, 3, 8);

/** From this share on one identity is a finding: the rest can be named. */
const ONE_IDENTITY_PERCENT = 80n;
/** A smaller share is what a bill has without anybody's mistake. */
const ANONYMOUS_PERCENT = 1n;

/** What a bill cannot answer, and what would turn it on, the gravest first. Says nothing of what is complete. */
export function examineBill(profile: BillProfile): BillFinding[] {
  const findings = [
    ...formatFindings(profile),
    ...principalFindings(profile),
    ...tagFindings(profile),
    ...resourceFindings(profile),
    ...costFindings(profile),
  ];
  return findings.toSorted((a, b) => Number(a.loses === 'detail') - Number(b.loses === 'detail'));
}

/** What of a bill is known before its rows are read: names of columns, and what heads of files tell of them. */
export interface BillHead extends Pick<BillProfile, 'format' | 'columns' | 'exportArn'> {
  /** Columns in which no row has a value. */
  readonly emptyColumns: readonly string[];
  /** The shortest time that a row stands for, of those whose time is known. Absent: of none. */
  readonly grainMs?: number;
  /** End of the billing period. Absent: rows alone tell. */
  readonly endMs?: number;
}

/** The same before any row is read: what follows from columns, and from nothing else. */
export function examineHead(head: BillHead): BillFinding[] {
  return examineBill(profileOf(head));
}

/** What no head tells is taken to be as it should be, so that nothing follows from it. */
function profileOf({
  emptyColumns,
  grainMs = HOUR_MS,
  endMs = PRINCIPALS_SINCE_MS + 1,
  ...file
}: BillHead): BillProfile {
  const isFilled = (names: readonly string[]) =>
    names.some((name) => file.columns.includes(name) && !emptyColumns.includes(name));
  return {
    ...file,
    ...{ rows: 1, costPicoUsd: 1n, inferencePicoUsd: 1n, withoutPrincipalPicoUsd: 0n },
    principals: isFilled(PRINCIPAL_COLUMNS) ? 1 : 0,
    ...{ topPrincipal: '', topPrincipalPicoUsd: 0n },
    tagKeys: isFilled(TAG_COLUMNS) ? [TAG_PREFIX.principal] : [],
    resources: isFilled(RESOURCE_COLUMNS) ? 1 : 0,
    ...{ grainMs, firstMs: PRINCIPALS_SINCE_MS, lastMs: endMs },
  };
}

/** Of all formats. */
const PRINCIPAL_COLUMNS = ['line_item_iam_principal', 'x_IamPrincipal'];
const TAG_COLUMNS = ['tags', 'resource_tags', 'Tags'];
const RESOURCE_COLUMNS = ['line_item_resource_id', 'lineItem/ResourceId', 'ResourceId'];

/** All that an export of CUR 2.0 lacks in one change; undefined where nothing of it would help. */
export function exportRemedy({ format, columns, emptyColumns, grainMs, exportArn }: BillHead): Remedy | undefined {
  if (format !== 'cur2') return newExport(format);
  const lacking = EXPORT_PARTS.filter(({ column }) => !columns.includes(column));
  // A column that is there and empty needs what fills it.
  const empty = EXPORT_PARTS.filter(({ column, property }) => property && emptyColumns.includes(column));
  const isCoarse = grainMs !== undefined && grainMs > HOUR_MS;
  if (lacking.length + empty.length === 0 && !isCoarse) return undefined;
  const properties = Object.fromEntries([
    ...[...lacking, ...empty].flatMap(({ property }) => (property === undefined ? [] : [[property, 'TRUE'] as const])),
    ...(isCoarse ? [['TIME_GRANULARITY', 'HOURLY'] as const] : []),
  ]);
  return changedExport({ columns: lacking.map(({ column }) => column), properties }, exportArn);
}

interface ExportPart {
  readonly column: string;
  /** Without which the column cannot be selected. */
  readonly property?: string;
}

const EXPORT_PARTS: readonly ExportPart[] = [
  { column: 'line_item_iam_principal', property: 'INCLUDE_IAM_PRINCIPAL_DATA' },
  { column: 'tags' },
  { column: 'line_item_resource_id', property: 'INCLUDE_RESOURCES' },
  { column: 'line_item_net_unblended_cost' },
  { column: 'pricing_public_on_demand_cost' },
  { column: 'line_item_line_item_type' },
  { column: 'product' },
];

function formatFindings({ format, columns }: BillProfile): BillFinding[] {
  const remedy = newExport(format);
  if (format === 'cur1') {
    const text =
      'legacy CUR has no callers and no tags of them: no answer by person, session, role or team of the caller';
    return [{ code: 'legacy_report', loses: 'answer', text, remedy }];
  }
  if (format === 'focus' && !columns.includes('x_IamPrincipal')) {
    const text = "AWS's FOCUS export has no callers: no answer by person, session or role";
    return [{ code: 'focus_without_principals', loses: 'answer', text, remedy }];
  }
  return [];
}

function principalFindings(profile: BillProfile): BillFinding[] {
  const { format, columns, inferencePicoUsd, withoutPrincipalPicoUsd, principals, firstMs, lastMs } = profile;
  const hasColumn = columns.includes(format === 'focus' ? 'x_IamPrincipal' : 'line_item_iam_principal');
  if (format === 'cur1' || (format === 'focus' && !hasColumn)) return [];
  if (!hasColumn) {
    const text =
      'caller identity is off in this export: no answer by person, session or role; it is not filled in for the past';
    return [
      { code: 'no_principal_column', loses: 'answer', text, remedy: partRemedy(profile, 'line_item_iam_principal') },
    ];
  }
  if (lastMs <= PRINCIPALS_SINCE_MS) return [BEFORE_PRINCIPALS];
  if (principals === 0) {
    if (inferencePicoUsd === 0n) return [];
    const text =
      'no row of inference has a caller: no answer by person, session or role until usage after caller identity was turned on';
    return [{ code: 'no_principals', loses: 'answer', text, remedy: partRemedy(profile, 'line_item_iam_principal') }];
  }
  const isAnonymous = exceeds(withoutPrincipalPicoUsd, inferencePicoUsd, ANONYMOUS_PERCENT);
  const text = `${percent(withoutPrincipalPicoUsd, inferencePicoUsd)} of the spend on inference has no caller: it shows as unattributed`;
  return [
    ...(firstMs < PRINCIPALS_SINCE_MS ? [BEFORE_PRINCIPALS] : []),
    ...(isAnonymous ? [{ code: 'some_without_principal', loses: 'detail', text } as const] : []),
    ...oneIdentity(profile),
  ];
}

const BEFORE_PRINCIPALS: BillFinding = {
  code: 'before_principals',
  loses: 'answer',
  text: 'AWS names callers for usage since 2026-04-08: no answer by person, session or role for what was used before',
};

/** A gateway with one role hides everybody behind it. */
function oneIdentity({ topPrincipal, topPrincipalPicoUsd, inferencePicoUsd }: BillProfile): BillFinding[] {
  if (!exceeds(topPrincipalPicoUsd, inferencePicoUsd, ONE_IDENTITY_PERCENT)) return [];
  const share = percent(topPrincipalPicoUsd, inferencePicoUsd);
  return [
    {
      code: 'one_identity',
      loses: 'answer',
      text: `no answer by person: one identity, \`${topPrincipal}\`, has ${share} of the spend`,
      remedy: {
        commands: [
          'aws sts assume-role --role-arn ROLE_ARN --role-session-name "$USER_NAME" --tags Key=team,Value="$TEAM"',
        ],
        console:
          'have whatever calls with this identity assume a role for each user: the session name and its tags stand on the bill',
      },
    },
  ];
}

function tagFindings(profile: BillProfile): BillFinding[] {
  const { format, columns, tagKeys, principals } = profile;
  if (format === 'cur1') return [];
  if (format === 'cur2' && !columns.includes('tags')) {
    const text = columns.includes('resource_tags')
      ? 'the export has `resource_tags` alone, with normalised keys: no answer by tags of callers or accounts'
      : 'the export has no tags: no answer by team, project or cost center';
    const code = columns.includes('resource_tags') ? 'normalised_tags' : 'no_tag_column';
    return [{ code, loses: 'answer', text, remedy: partRemedy(profile, 'tags') }];
  }
  if (principals === 0 || tagKeys.some((key) => key.startsWith(TAG_PREFIX.principal))) return [];
  const text =
    'no tag of a caller is on any row: no answer by team or project of the caller until its keys are activated, for usage from then on';
  return [{ code: 'no_principal_tags', loses: 'answer', text, remedy: activatedTags([]) }];
}

function resourceFindings(profile: BillProfile): BillFinding[] {
  const { format, columns, resources, grainMs } = profile;
  const findings: BillFinding[] = [];
  const isOff = format === 'cur2' && !columns.includes('line_item_resource_id');
  if (isOff || resources === 0) {
    const text =
      'no resources: applications cannot be told apart by inference profile, nor geographic routes from the region itself';
    findings.push({ code: 'no_resources', loses: 'detail', text, ...remedyOf(profile, 'line_item_resource_id') });
  }
  if (grainMs > HOUR_MS) {
    const grain = grainMs > DAY_MS ? 'months' : 'days';
    findings.push({
      code: 'coarse_grain',
      loses: 'detail',
      text: `rows are of whole ${grain}: no answer by hour, and a rise is found when its ${grain === 'days' ? 'day' : 'month'} is over`,
      ...(format !== 'cur1' && {
        remedy: changedExport({ columns: [], properties: { TIME_GRANULARITY: 'HOURLY' } }, profile.exportArn),
      }),
    });
  }
  return findings;
}

function costFindings(profile: BillProfile): BillFinding[] {
  if (profile.format !== 'cur2') return [];
  const lacking: readonly (readonly [string, BillFindingCode, string])[] = [
    [
      'line_item_net_unblended_cost',
      'no_net_cost',
      'costs after discounts are missing: net costs show as unblended ones',
    ],
    [
      'pricing_public_on_demand_cost',
      'no_list_cost',
      'costs at public prices are missing: what discounts save is not known',
    ],
    [
      'line_item_line_item_type',
      'no_line_type',
      'the kind of charge is missing: credits, refunds and taxes count as usage',
    ],
    [
      'product',
      'no_product_map',
      'the product map is missing: models that usage types do not name, those of AWS Marketplace, go by their product code',
    ],
  ];
  return lacking
    .filter(([column]) => !profile.columns.includes(column))
    .map(([column, code, text]) => ({ code, loses: 'detail', text, remedy: partRemedy(profile, column) }));
}

function remedyOf(profile: BillProfile, column: string): { readonly remedy?: Remedy } {
  return profile.format === 'cur2' ? { remedy: partRemedy(profile, column) } : {};
}

/** One column of CUR 2.0, with the property that it needs. Where it is there and empty, the property alone. */
function partRemedy({ columns, exportArn }: BillProfile, column: string): Remedy {
  const property = EXPORT_PARTS.find((part) => part.column === column)?.property;
  const change: ExportChange = {
    columns: columns.includes(column) ? [] : [column],
    properties: property === undefined ? {} : { [property]: 'TRUE' },
  };
  return changedExport(change, exportArn);
}

function exceeds(part: PicoUsd, whole: PicoUsd, percents: bigint): boolean {
  return whole > 0n && part * 100n >= whole * percents;
}

/** Whole percent, but never all or nothing of what is not. */
function percent(part: PicoUsd, whole: PicoUsd): string {
  if (whole <= 0n) return '0 %';
  const rounded = (part * 200n + whole) / (whole * 2n);
  if (rounded >= 100n && part < whole) return '> 99 %';
  return rounded === 0n && part > 0n ? '< 1 %' : `${rounded} %`;
}
