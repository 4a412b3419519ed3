import { HOUR_MS } from '../kernel/time.ts';
import type { LineItem } from '../rating/line-item.ts';
import type { HeldMeter } from '../rating/meter.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { BESIDE_THE_MODEL, charged } from '../rating/rate.ts';

/** A model that is paid for by the time that it is kept: provisioned throughput, or copies of an imported model. */
export interface HeldModel {
  readonly arn: string;
  /** The model that is run. */
  readonly modelId: string;
  readonly region: string;
  /** Account that owns it and is billed. */
  readonly accountId: string;
  readonly meter: HeldMeter;
  /** Pieces of the meter in an hour: model units, or minutes of custom model units. */
  readonly piecesPerHour: number;
  /** A start and an end within an hour count as that whole hour, as AWS bills hours. */
  readonly fromMs: number;
  /** Absent: until further notice. */
  readonly toMs?: number;
}

/** The charges of all hours that begin in the range, each with an id that is the same whenever it is made. */
export function heldHours(
  model: HeldModel,
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  prices: PriceBook,
  accountTags: LineItem['accountTags'],
): LineItem[] {
  const firstMs = Math.max(floorHour(model.fromMs), ceilHour(startMs));
  const lastMs = Math.min(model.toMs ?? Number.POSITIVE_INFINITY, endMs);
  const items: LineItem[] = [];
  for (let hourMs = firstMs; hourMs < lastMs; hourMs += HOUR_MS) items.push(hourOf(model, hourMs, prices, accountTags));
  return items;
}

function floorHour(atMs: number): number {
  return Math.floor(atMs / HOUR_MS) * HOUR_MS;
}

function ceilHour(atMs: number): number {
  return Math.ceil(atMs / HOUR_MS) * HOUR_MS;
}

/** Usage that no call made: nobody is named, until it is split by use. */
function hourOf(model: HeldModel, hourMs: number, prices: PriceBook, accountTags: LineItem['accountTags']): LineItem {
  const { arn, region, accountId, meter } = model;
  const key = { modelId: model.modelId, region, ...BESIDE_THE_MODEL };
  const charge = charged(key, { meter, pieces: model.piecesPerHour, accountId, atMs: hourMs }, prices);
  const { pricePicoUsd, listPricePicoUsd = 0n, netPricePicoUsd = 0n, quantity } = charge;
  return {
    bucketStartMs: hourMs,
    sliceStartMs: hourMs,
    accountId,
    principalArn: '',
    principalTags: [],
    resourceTags: [],
    accountTags,
    recordType: 'Usage',
    chargeId: `held/${arn}/${new Date(hourMs).toISOString()}`,
    isCorrection: false,
    keyId: '',
    client: '',
    ...BESIDE_THE_MODEL,
    resourceArn: arn,
    region,
    operation: '',
    upstream: '',
    ...charge,
    requests: 0n,
    listCostPicoUsd: quantity * listPricePicoUsd,
    netCostPicoUsd: quantity * netPricePicoUsd,
    isUnpriced: pricePicoUsd === undefined,
    isEstimated: false,
  };
}
