import type { StagedSums } from '../../imports/bill-store.ts';
import type { ImportProblem } from '../../imports/delivery.ts';
import type { BillImport, BillSource } from '../../imports/import-records.ts';
import { ImportRefused } from '../../imports/import-refused.ts';
import type { ImportPathParts, PlannedDelivery } from './import-parts.ts';

/** Judges what was read as a whole. Throws ImportRefused with everything that is wrong. */
export async function checkStaged(
  { id }: BillImport,
  source: BillSource,
  plan: readonly PlannedDelivery[],
  { bills, ledger }: ImportPathParts,
): Promise<readonly StagedSums[]> {
  const sums = await bills.sums(id);
  const duplicates = await bills.duplicates(id);
  const fileOf = (delivery: number, number: number) => plan[delivery]!.delivery.files[number - 1]!.path;
  const problems: ImportProblem[] = duplicates.map(({ delivery, lineId, fileNumbers }) => ({
    file: fileOf(delivery, fileNumbers.at(-1)!),
    text: `it has the line \`${lineId}\` twice, or \`${fileOf(delivery, fileNumbers[0]!)}\` has it, too; give each part of the bill once`,
  }));
  const payers = new Set(ledger.periods(source.id).map(({ payerAccountId }) => payerAccountId));
  const periods = new Map<string, number>();
  for (const one of sums) {
    const file = fileOf(one.delivery, one.fileNumbers[0]!);
    const expected = plan[one.delivery]!.delivery.period;
    const say = (text: string) => problems.push({ file, text });
    if (expected !== undefined && one.period !== expected) {
      say(
        `${one.rows} of its rows are of billing period \`${one.period}\`, and it lies in the folder of \`${expected}\``,
      );
    }
    const other = periods.get(one.period);
    if (other !== undefined) say(`there are two deliveries of billing period \`${one.period}\`; give one of them`);
    periods.set(one.period, one.delivery);
    if (one.rowsWithoutTime > 0) say(`${one.rowsWithoutTime} of its rows do not say when the usage was`);
    for (const currency of one.currencies) {
      if (currency !== 'USD' && currency !== '') say(`its costs are in \`${currency}\`, and only USD is understood`);
    }
    const twice = ledger.periods().find(({ sourceId, period, payerAccountId }) => {
      return sourceId !== source.id && period === one.period && one.payers.includes(payerAccountId);
    });
    if (twice) {
      const from = ledger.source(twice.sourceId)?.location ?? twice.sourceId;
      say(
        `billing period \`${one.period}\` of \`${twice.payerAccountId}\` is imported from \`${from}\` already, and would count twice; remove that source first (\`tallyline bill-source remove ${twice.sourceId}\`)`,
      );
    }
    for (const payer of one.payers) {
      if (payer !== '') payers.add(payer);
    }
    if ([...payers].filter((payer) => payer !== '').length > 1) {
      say(
        `its rows are paid by \`${one.payers.join('`, `')}\`, and the bill of this source by \`${[...payers][0]}\`; import it as a source of its own`,
      );
    }
  }
  if (problems.length > 0) throw new ImportRefused(problems);
  return sums;
}
