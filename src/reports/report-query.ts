import type { AsOf } from '../allocation/membership.ts';
import type { Book } from './book.ts';
import type { TextMatch } from './text-match.ts';
import type { Visibility } from './visibility.ts';

/**
 * The one question type. Console, command line, Cost Explorer and exports all ask through it, so that they cannot disagree.
 */
export interface ReportQuery {
  /** Half-open, UTC milliseconds, on 15-minute boundaries. */
  readonly range: { readonly startMs: number; readonly endMs: number };
  readonly granularity: Granularity;
  /** IANA name of the zone whose hours, days and months the buckets are. Absent: UTC. */
  readonly timeZone?: string;
  readonly groupBy: readonly GroupKey[];
  readonly filter?: ReportFilter;
  /** Absent: the installation's primary book. */
  readonly book?: Book;
  /** Which time's structure keys of membership are read by. Absent: `was`, that of the usage. */
  readonly asOf?: AsOf;
  /** What whoever asks may see. Absent: all usage. */
  readonly visible?: Visibility;
  /** Keeps the N groups with the highest cost over the whole range and sums the rest as `other`; absent: all groups. */
  readonly topN?: number;
  /** What the top N have most of. Absent: `cost`. */
  readonly topBy?: Measure;
  /** Sums that are wanted; the store reads no column for the others, and they are zero in the rows. Absent: those of every bill, without tokens by class and `usage`. */
  readonly measures?: readonly Measure[];
  /** One page of a long answer. Absent: the whole answer. */
  readonly page?: ReportPage;
}

/**
 * `cost` before discounts, `netCost` after them; `listCost` at the public on-demand price. `quantity` is pieces of whatever was
 * metered, which only pieces of one kind can be added up of; `usage` the same in the units of bills.
 */
export type Measure =
  | 'cost'
  | 'netCost'
  | 'listCost'
  | 'tokens'
  /** Tokens by class; together they are `tokens`. Input that was neither read from nor written to a cache. */
  | 'inputTokens'
  | 'outputTokens'
  | 'cacheReadTokens'
  | 'cacheWriteTokens'
  | 'quantity'
  | 'requests'
  | 'unpricedQuantity'
  | 'usage';

/** Rows come by bucket and then by keys; a page begins after the last row of the one before it. */
export interface ReportPage {
  /** Rows. */
  readonly limit: number;
  /** Absent: the first page. */
  readonly after?: Pick<ReportRow, 'bucketStartMs' | 'keys'>;
}

/** `TOTAL`: one bucket for the whole range. `QUARTER_HOURLY`: 15 minutes. A bucket cut by the range keeps the cut. */
export type Granularity = 'TOTAL' | 'QUARTER_HOURLY' | 'HOURLY' | 'DAILY' | 'MONTHLY';

/** A column of `line_item` (or derived from one) that reports may group and filter by. */
export type Dimension =
  | 'principal'
  | 'role'
  | 'session'
  /** The last segment of the principal: the session or user name. Whoever comes through several roles is one. */
  | 'person'
  /** Id of a key that is kept; empty for temporary credentials. */
  | 'key'
  /** Product of the user agent, without a version. */
  | 'client'
  | 'model'
  | 'usageType'
  | 'direction'
  /** What is counted, in full: `cache_write_1h` where the direction is `cache write`. */
  | 'meter'
  /** `long_context` where that has a price of its own. */
  | 'context'
  /** `yes` or `no`: usage of a batch job, counted by an estimate, without a price. */
  | 'batch'
  | 'estimated'
  | 'unpriced'
  /** `UsageState`: how far the usage is in becoming a bill; empty for charges of the ledger that are no usage. */
  | 'state'
  | 'region'
  | 'account'
  | 'operation'
  /** The operation as bills name it: `InvokeModelInference` or `InvokeModelStreamingInference`. */
  | 'billedOperation'
  | 'route'
  | 'tier'
  | 'service'
  | 'resource'
  | 'upstream'
  | 'recordType'
  /** What an invoice sums a line under: its record type, or `Correction` for usage of a period that was closed before. */
  | 'invoiceLine'
  /** The closed period whose usage a `Correction` bills: `2026-10`. Empty for every other line. */
  | 'correctedPeriod'
  /** The same empty text for every line: groups whatever there is into one. */
  | 'all'
  /** Display name of the account, of today. */
  | 'accountName'
  | 'productCode'
  /** Who sells it: `AWS` or `AWS Marketplace`. */
  | 'billingEntity'
  /** The vendor of the model, its display name, the kind of tokens and the way of inference, as in CUR's `product` map. */
  | 'provider'
  | 'modelName'
  | 'inferenceType'
  | 'feature';

/**
 * `{tag: 'iamPrincipal/team'}`: a cost allocation tag by its prefixed key; only active slices carry a value.
 * `{costCategory: 'Team'}`: a cost category by its name. `{membership: 'team'}`: where whoever used it belongs, in a structure
 * by its name.
 */
export type GroupKey =
  | { readonly dimension: Dimension }
  | { readonly tag: string }
  | { readonly costCategory: string }
  | { readonly membership: string };

export type ReportFilter =
  | { readonly and: readonly ReportFilter[] }
  | { readonly or: readonly ReportFilter[] }
  | { readonly not: ReportFilter }
  | ({ readonly key: GroupKey } & TextMatch)
  /** True where the key has no value; without a key: no tag, or no cost category, at all. */
  | { readonly absent: GroupKey | 'anyTag' | 'anyCostCategory' };

/** Sums of one group in one bucket. Amounts are exact. */
export interface ReportRow {
  readonly bucketStartMs: number;
  readonly bucketEndMs: number;
  /** One value per `groupBy` key, in its order; empty text for no value; `OTHER` for what top N left out. */
  readonly keys: readonly string[];
  /** Before discounts. */
  readonly costPicoUsd: bigint;
  /** After discounts. */
  readonly netCostPicoUsd: bigint;
  /** At the public on-demand price. */
  readonly listCostPicoUsd: bigint;
  readonly tokens: bigint;
  /** Zero unless they were asked for. */
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWriteTokens: bigint;
  /** Tokens, images, queries, ... together. */
  readonly quantity: bigint;
  readonly requests: bigint;
  /** Pieces without a price: shown, never guessed. */
  readonly unpricedQuantity: bigint;
  /** Where it was asked for. */
  readonly usage?: BilledUsage;
}

/** A quantity as bills count it. */
export interface BilledUsage {
  /** Millionths of the unit. */
  readonly microUnits: bigint;
  /** `1K tokens`; empty where units are mixed, and where nothing was used. */
  readonly unit: string;
}

/** The key of the group that top N left out. Cannot collide: no principal, model or tag value holds a NUL. */
export const OTHER = '\u0000other';
