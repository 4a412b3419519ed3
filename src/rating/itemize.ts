import { bucketStartMs } from '../kernel/time.ts';
import { clientOf, lastingKeyId } from '../metering/call-origin.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { LineItem } from './line-item.ts';
import { METERS } from './meter.ts';
import type { PriceBook } from './price-book.ts';
import { calledKey, chargedCall, forEachMeter, type MeterCharge } from './rate.ts';

/**
 * Calls that agree in everything but what they used, with one running line per meter: prices change at midnight only, so
 * that within a bucket a meter has one.
 */
interface CallGroup {
  readonly key: string;
  readonly first: UsageEvent;
  readonly client: string;
  readonly bucketStartMs: number;
  readonly sliceStartMs: number;
  readonly lines: RunningLine[];
}

interface RunningLine {
  readonly charge: MeterCharge;
  quantity: bigint;
  requests: bigint;
}

/** Prices calls and sums them into line items; the order of the calls makes no difference to the result. */
export function itemize(events: Iterable<UsageEvent>, prices: PriceBook, sliceInstants: readonly number[]): LineItem[] {
  const sum = new LineItemSum(prices, sliceInstants);
  for (const event of events) sum.add(event);
  return sum.items();
}

/** Adds up what many calls used, and prices each line once. Holds one line per line item, so its size is bounded by the batch it is fed. */
export class LineItemSum {
  readonly #prices: PriceBook;
  readonly #sliceInstants: readonly number[];
  readonly #groups = new Map<string, CallGroup>();
  /** By user agent. */
  readonly #clients = new Map<string, string>();

  /** `sliceInstants`: when the activation of some cost allocation tag changed, ascending. */
  constructor(prices: PriceBook, sliceInstants: readonly number[]) {
    this.#prices = prices;
    this.#sliceInstants = sliceInstants;
  }

  /** A call that used nothing leaves no line. */
  add(event: UsageEvent): void {
    const { accountId, admittedAtMs: atMs, isRepeat, usage } = event;
    const key = calledKey(event, this.#prices);
    let group: CallGroup | undefined;
    forEachMeter(usage, (meter, pieces) => {
      // The operation is counted on its first line only, so that requests can be summed over any lines.
      const requests = group === undefined && !isRepeat ? 1n : 0n;
      group ??= this.#groupOf(event, key.context);
      const line = group.lines.find(({ charge }) => charge.meter === meter);
      if (line === undefined) {
        const charge = chargedCall(key, { meter, pieces, accountId, atMs }, this.#prices);
        group.lines.push({ charge, quantity: charge.quantity, requests });
      } else {
        line.quantity += BigInt(pieces);
        line.requests += requests;
      }
    });
  }

  /** The line items so far, in an order that depends on nothing but themselves. */
  items(): LineItem[] {
    const groups = [...this.#groups.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    return groups.flatMap((group) => group.lines.toSorted(byMeter).map((line) => lineItem(group, line)));
  }

  #groupOf(event: UsageEvent, context: MeterCharge['context']): CallGroup {
    const bucket = bucketStartMs(event.admittedAtMs);
    const slice = this.#sliceStartMs(bucket, event.admittedAtMs);
    const client = this.#clientOf(event.userAgent);
    const key = groupKey(event, client, bucket, slice, context);
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { key, first: event, client, bucketStartMs: bucket, sliceStartMs: slice, lines: [] };
      this.#groups.set(key, group);
    }
    return group;
  }

  #clientOf(userAgent: string): string {
    let client = this.#clients.get(userAgent);
    if (client === undefined) {
      client = clientOf(userAgent);
      this.#clients.set(userAgent, client);
    }
    return client;
  }

  #sliceStartMs(bucketMs: number, atMs: number): number {
    let low = 0;
    let high = this.#sliceInstants.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sliceInstants[middle]! <= atMs) low = middle + 1;
      else high = middle;
    }
    return Math.max(bucketMs, this.#sliceInstants[low - 1] ?? bucketMs);
  }
}

/** Joined by NUL, which no principal, model or tag value holds; the tags come last, with their number in front. */
function groupKey(
  event: UsageEvent,
  client: string,
  bucketMs: number,
  sliceMs: number,
  context: MeterCharge['context'],
): string {
  let key =
    `${bucketMs}\u0000${sliceMs}\u0000${event.accountId}\u0000${event.principalArn}\u0000${event.modelId}\u0000` +
    `${event.resourceArn}\u0000${event.region}\u0000${event.route}\u0000${event.tier}\u0000${context}\u0000` +
    `${event.operation}\u0000${event.upstream}\u0000${event.isBatch}\u0000${event.usage.isEstimated}\u0000` +
    `${lastingKeyId(event)}\u0000${client}`;
  for (const tags of [event.principalTags, event.resourceTags, event.accountTags]) {
    key += `\u0000${tags.length}`;
    for (const [tag, value] of tags) key += `\u0000${tag}\u0000${value}`;
  }
  return key;
}

function byMeter(a: RunningLine, b: RunningLine): number {
  return METERS.indexOf(a.charge.meter) - METERS.indexOf(b.charge.meter);
}

function lineItem(
  { first, client, bucketStartMs, sliceStartMs }: CallGroup,
  { charge, quantity, requests }: RunningLine,
): LineItem {
  const { pricePicoUsd, listPricePicoUsd, netPricePicoUsd } = charge;
  return {
    bucketStartMs,
    sliceStartMs,
    accountId: first.accountId,
    principalArn: first.principalArn,
    principalTags: first.principalTags,
    resourceTags: first.resourceTags,
    accountTags: first.accountTags,
    recordType: 'Usage',
    chargeId: '',
    isCorrection: false,
    keyId: lastingKeyId(first),
    client,
    modelId: charge.modelId,
    resourceArn: first.resourceArn,
    region: first.region,
    route: first.route,
    tier: first.tier,
    context: charge.context,
    operation: first.operation,
    upstream: first.upstream,
    isBatch: first.isBatch,
    meter: charge.meter,
    usageType: charge.usageType,
    productCode: charge.productCode,
    service: charge.service,
    billingEntity: charge.billingEntity,
    pricingUnit: charge.pricingUnit,
    quantity,
    requests,
    ...(pricePicoUsd === undefined ? {} : { pricePicoUsd }),
    ...(listPricePicoUsd === undefined ? {} : { listPricePicoUsd }),
    ...(netPricePicoUsd === undefined ? {} : { netPricePicoUsd }),
    discountPrices: charge.discountPrices,
    priceId: charge.priceId,
    costPicoUsd: quantity * (pricePicoUsd ?? 0n),
    listCostPicoUsd: quantity * (listPricePicoUsd ?? 0n),
    netCostPicoUsd: quantity * (netPricePicoUsd ?? 0n),
    isUnpriced: pricePicoUsd === undefined,
    isEstimated: first.usage.isEstimated,
  };
}
