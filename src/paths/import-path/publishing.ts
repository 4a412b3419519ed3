import type { SkippedProduct, StagedSums, StagedUsage } from '../../imports/bill-store.ts';
import type { BillImport, BillSource, ImportedPeriod, UnrecognisedUsage } from '../../imports/import-records.ts';
import { type BilledUsage, readBilledUsage } from '../../rating/billed-usage.ts';
import { examineBill, readProfile } from '../../reports/bill-doctor.ts';
import type { ImportPathParts, PlannedDelivery } from './import-parts.ts';

/** Kinds of usage that were not understood, the costliest. */
const SHOWN_UNRECOGNISED = 20;
/** Products that were left out, the costliest; the rest is summed under `other`. */
const SHOWN_PRODUCTS = 100;

/** Understands the usage and puts period after period in the place of what is there. */
export async function publishPeriods(
  { id }: BillImport,
  source: BillSource,
  plan: readonly PlannedDelivery[],
  sums: readonly StagedSums[],
  { bills, ledger, models, clock, signal, progress }: ImportPathParts,
): Promise<readonly ImportedPeriod[]> {
  const usage = await bills.usage(id);
  const known = models();
  const understood = new Map<string, BilledUsage>();
  for (const { key, text } of usage) if (!understood.has(key)) understood.set(key, readBilledUsage(text, known));
  await bills.understand(
    id,
    Array.from(understood, ([key, one]) => ({ key, usage: one })),
  );
  const skipped = await bills.skipped(id);
  const periods = [...sums, ...withoutRows(plan, sums)].sort((a, b) => (a.period < b.period ? -1 : 1));
  progress.step = 'publishing';
  progress.periodsTotal = periods.length;
  const published: ImportedPeriod[] = [];
  for (const one of periods) {
    const { delivery: index, period } = one;
    const { delivery, format, columns } = plan[index]!;
    const ofPeriod = usage.filter((kind) => kind.delivery === index && kind.period === period);
    const names = columns.map(({ name }) => name);
    const examine = async () => {
      const { exportArn } = delivery;
      const file = { format: format.name, columns: names, ...(exportArn !== undefined && { exportArn }) };
      return examineBill(readProfile(await bills.profile(id, index, period), file));
    };
    const imported: ImportedPeriod = {
      ...{ sourceId: source.id, period, importId: id, importedAtMs: clock() },
      ...{ exportName: delivery.exportName, executionId: delivery.executionId, layout: delivery.layout },
      ...{ format: format.title, fingerprint: delivery.fingerprint, columns: names },
      files: delivery.files.length,
      bytes: delivery.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      ...{ rows: one.rows, rowsWithoutCost: one.rowsWithoutCost },
      ...{ payerAccountId: one.payers[0] ?? '', currency: one.currencies[0] || 'USD' },
      ...{ usd: one.usd, netUsd: one.netUsd, residueUsd: one.residueUsd },
      ...{ usageFromMs: one.usageFromMs, usageToMs: one.usageToMs },
      ...(await bills.names(id, index, period)),
      notImported: notImported(skipped.filter((product) => product.delivery === index)),
      unrecognised: unrecognised(ofPeriod, understood),
      findings: one.rows === 0 ? [] : await examine(),
    };
    await bills.publish(id, { sourceId: source.id, period, delivery: index }, signal);
    await ledger.putPeriod(imported);
    published.push(imported);
    progress.periodsDone += 1;
  }
  await bills.close(id);
  return published;
}

/** A period whose delivery has no row that is kept replaces what was there all the same. */
function withoutRows(plan: readonly PlannedDelivery[], sums: readonly StagedSums[]): StagedSums[] {
  return plan.flatMap(({ delivery: { period } }, delivery) => {
    if (period === undefined || sums.some((one) => one.delivery === delivery)) return [];
    const none = { rows: 0, rowsWithoutCost: 0, rowsWithoutTime: 0, payers: [], currencies: [], fileNumbers: [] };
    return [{ delivery, period, ...none, usd: '0', netUsd: '0', residueUsd: '0', usageFromMs: 0, usageToMs: 0 }];
  });
}

function notImported(products: readonly SkippedProduct[]): ImportedPeriod['notImported'] {
  const rest = products.slice(SHOWN_PRODUCTS);
  const shown = products.slice(0, SHOWN_PRODUCTS).map(({ product, rows, usd }) => ({ product, rows, usd }));
  if (rest.length === 0) return shown;
  return [...shown, { product: `${rest.length} others`, rows: rest.reduce((sum, { rows }) => sum + rows, 0), usd: '' }];
}

function unrecognised(
  usage: readonly StagedUsage[],
  understood: ReadonlyMap<string, BilledUsage>,
): UnrecognisedUsage[] {
  return usage
    .filter(({ key }) => !understood.get(key)!.isRecognised)
    .slice(0, SHOWN_UNRECOGNISED)
    .map(({ key, text, rows, usd }) => ({
      usageType: text.usageType,
      productCode: text.productCode,
      unread: understood.get(key)!.unread.map((one) => `${one.part}: ${one.text}`),
      ...{ rows, usd },
    }));
}
