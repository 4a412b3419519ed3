import { formatTable } from '../table.ts';
import { deliveryFindingTexts, type LookedAtDelivery } from './findings.ts';
import { type BillProblem, type IgnoredFile, ignoredLines, problemLines } from './problems.ts';
import { count } from './row-count.ts';

export interface BillCheck {
  readonly Deliveries: readonly CheckedDelivery[];
  readonly Problems: readonly BillProblem[];
  readonly Ignored: readonly IgnoredFile[];
}

interface CheckedDelivery extends LookedAtDelivery {
  readonly BillingPeriod?: string;
  readonly Format: string;
  readonly Layout: string;
  readonly ExecutionId: string;
  readonly Files: number;
  readonly Bytes: string;
  readonly Rows?: string;
  readonly IsImported: boolean;
}

const COLUMNS = [
  { title: 'period', align: 'left' },
  { title: 'format', align: 'left' },
  { title: 'layout', align: 'left' },
  { title: 'execution', align: 'left' },
  { title: 'files', align: 'right' },
  { title: 'bytes', align: 'right' },
  { title: 'rows', align: 'right' },
  { title: '', align: 'left' },
] as const;

/** What an import of a place would find, and what it could not answer. */
export function checkText({ Deliveries, Problems, Ignored }: BillCheck): string {
  const parts: string[] = [];
  if (Deliveries.length > 0) parts.push(formatTable(COLUMNS, Deliveries.map(deliveryRow)));
  if (Problems.length > 0) {
    parts.push(['an import would be refused:', ...problemLines(Problems)].join('\n'));
  }
  if (Ignored.length > 0) parts.push(ignoredLines(Ignored).join('\n'));
  const findings = deliveryFindingTexts(Deliveries);
  parts.push(...findings);
  if (findings.length === 0 && Deliveries.length > 0) parts.push('no column is missing');
  parts.push('nothing was imported, and no row was read: only rows tell who is missing on a part of the spend');
  return parts.join('\n\n');
}

function deliveryRow(one: CheckedDelivery): string[] {
  return [
    one.BillingPeriod ?? 'in the rows',
    ...[one.Format, one.Layout, one.ExecutionId || '-', `${one.Files}`, count(one.Bytes)],
    ...[one.Rows === undefined ? 'unknown' : count(one.Rows), one.IsImported ? 'imported already' : ''],
  ];
}
