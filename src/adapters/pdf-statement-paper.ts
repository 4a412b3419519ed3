import { createHash } from 'node:crypto';
import PDFDocument from 'pdfkit';
import { formatUsd, formatUsdRounded, parsePicoUsd } from '../kernel/money.ts';
import { billingPeriodStartMs } from '../kernel/time.ts';
import { formatCents, parseCents, toCents } from '../statements/cents.ts';
import {
  isPrinted,
  type LineKind,
  type Statement,
  type StatementLine,
  type StatementPaper,
} from '../statements/statement.ts';
import { latinText } from './pdf-statement-paper/latin-text.ts';
import { PageTable, type TableColumn, type TableRow } from './pdf-statement-paper/page-table.ts';

const MARGINS = { top: 48, bottom: 56, left: 40, right: 40 };
const INK = '#1a1a1a';
const SOFT_INK = '#5f6570';

const SECTION_TITLES: Readonly<Record<LineKind, string>> = {
  usage: 'Usage',
  late: 'Late usage of closed months',
  credit: 'Credits, refunds, fees and discounts',
  refund: 'Credits, refunds, fees and discounts',
  fee: 'Credits, refunds, fees and discounts',
  discount: 'Credits, refunds, fees and discounts',
  tax: 'Taxes',
  'shared-in': 'Shared costs',
  'shared-out': 'Shared costs',
  earlier: 'Corrections of earlier months',
};

/** Statements as PDF: text in standard fonts, which every reader has, and nothing that changes between two writings. */
export class PdfStatementPaper implements StatementPaper {
  async write(statement: Statement): Promise<Uint8Array> {
    const { number, version, title, issuedAtMs, paper: size } = statement;
    const paper = new PDFDocument({
      ...{ size, margins: MARGINS, bufferPages: true },
      info: {
        Title: `Statement ${number} version ${version}`,
        Subject: latinText(title),
        Producer: 'Tallyline',
        Creator: 'Tallyline',
        CreationDate: new Date(issuedAtMs),
      },
    });
    const parts: Buffer[] = [];
    paper.on('data', (part: Buffer) => parts.push(part));
    const ended = new Promise<void>((resolve) => paper.on('end', resolve));
    writeHead(paper, statement);
    new PageTable(paper, columnsFor(paper)).write(rowsOf(statement));
    writeNotes(paper, statement);
    writeFeet(paper, statement);
    paper.end();
    await ended;
    return Buffer.concat(parts);
  }
}

function writeHead(paper: PDFKit.PDFDocument, statement: Statement): void {
  const { kind, title, period, number, version, isFinal, costCenter, definitionName } = statement;
  const { left } = paper.page.margins;
  const top = paper.y;
  const month = new Intl.DateTimeFormat('en-GB', { month: 'long', year: 'numeric', timeZone: 'UTC' });
  const half = widthOf(paper) * 0.55;
  paper.font('Helvetica', 9).fillColor(SOFT_INK);
  paper.text(
    `${kind === 'chargeback' ? 'Chargeback' : 'Showback'} statement · ${latinText(definitionName)}`,
    left,
    top,
    {
      width: half,
    },
  );
  paper.font('Helvetica-Bold', 18).fillColor(INK);
  paper.text(latinText(title || 'No value'), { width: half });
  paper.font('Helvetica', 9).fillColor(SOFT_INK);
  paper.text(`Inference in ${month.format(billingPeriodStartMs(period))}`, { width: half });
  const bottom = paper.y;
  const facts: readonly (readonly [string, string])[] = [
    ['Number', version === 1 ? number : `${number}, version ${version}`],
    ...(version === 1 ? [] : [['Replaces', `version ${version - 1}`] as const]),
    ['Issued', day(statement.issuedAtMs)],
    [kind === 'chargeback' ? 'Due' : 'Approve or dispute by', day(statement.dueAtMs)],
    ['Month', `${period}, ${isFinal ? 'closed' : 'an estimate'}`],
    ...(costCenter === '' ? [] : [['Cost center', latinText(costCenter)] as const]),
    ['Of the bill of', `${grouped(statement.bill.amount)} USD`],
  ];
  let y = top;
  for (const [name, value] of facts) {
    const x = left + half + 12;
    paper.font('Helvetica', 8).fillColor(SOFT_INK).text(name, x, y, { width: 90 });
    paper.fillColor(INK).text(value, x + 94, y, { width: widthOf(paper) - half - 106 });
    y = paper.y + 2;
  }
  paper.y = Math.max(bottom, y) + 10;
  paper.x = left;
  writeTotal(paper, statement);
}

function writeTotal(paper: PDFKit.PDFDocument, { month, corrections, total }: Statement): void {
  const parts = [`${grouped(month.amount)} USD of the month`];
  if (corrections.amount !== '0.00') parts.push(`${grouped(corrections.amount)} USD corrections of earlier months`);
  paper.font('Helvetica-Bold', 13).fillColor(INK);
  paper.text(`Total ${grouped(total.amount)} USD`, paper.page.margins.left, paper.y, { width: widthOf(paper) });
  if (parts.length > 1) {
    paper
      .font('Helvetica', 8)
      .fillColor(SOFT_INK)
      .text(parts.join(' + '), { width: widthOf(paper) });
  }
  paper.moveDown(1);
}

function columnsFor(paper: PDFKit.PDFDocument): TableColumn[] {
  const numbers: readonly TableColumn[] = [
    { title: 'Requests', width: 46, align: 'right' },
    { title: 'Tokens', width: 66, align: 'right' },
    { title: 'USD per 1M', width: 52, align: 'right' },
    { title: 'List', width: 52, align: 'right' },
    { title: 'Discounts', width: 48, align: 'right' },
    { title: 'Amount USD', width: 56, align: 'right' },
  ];
  const taken = numbers.reduce((sum, { width }) => sum + width, 0);
  return [{ title: 'Who and what', width: widthOf(paper) - taken, align: 'left' }, ...numbers];
}

function rowsOf({ lines, total }: Statement): TableRow[] {
  const rows: TableRow[] = [];
  let section = '';
  let principal: string | undefined;
  for (const line of lines.filter(isPrinted)) {
    const title = SECTION_TITLES[line.kind];
    if (title !== section) rows.push({ cells: [title], look: 'heading' });
    if (line.principal !== undefined && (title !== section || line.principal !== principal)) {
      rows.push({ cells: [line.principal || 'no principal'], look: 'heading' });
    }
    section = title;
    principal = line.principal;
    rows.push(rowOf(line));
  }
  return [...rows, { cells: ['Total', '', '', '', '', '', grouped(total.amount)], look: 'total' }];
}

function rowOf({ text, model, meter, reference, quantities, listUsd, netUsd, amount }: StatementLine): TableRow {
  const what = [model, meter?.replaceAll('_', ' '), text].filter(Boolean).join(', ');
  const name = what || 'no model';
  if (!quantities) {
    const of = reference === undefined ? '' : `corrects ${reference}`;
    return { cells: [name, '', '', '', '', '', grouped(amount)], ...(of !== '' && { note: of }) };
  }
  const { requests, tokens, perMillionUsd } = quantities;
  // A line without a discount has none on paper either, whichever way its cents were rounded.
  const list = listUsd === undefined || listUsd === netUsd ? parseCents(amount) : toCents(parsePicoUsd(listUsd));
  const note = classesText(quantities);
  return {
    cells: [
      name,
      grouped(requests),
      grouped(tokens),
      perMillionUsd === undefined ? '–' : grouped(formatUsdRounded(parsePicoUsd(perMillionUsd), 4)),
      grouped(formatCents(list)),
      // What makes the line add up: discounts, and prices of one's own.
      grouped(formatCents(parseCents(amount) - list)),
      grouped(amount),
    ],
    ...(note !== '' && { note }),
  };
}

function classesText(quantities: NonNullable<StatementLine['quantities']>): string {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, unpriced } = quantities;
  const classes = [
    ['input', inputTokens],
    ['output', outputTokens],
    ['cache read', cacheReadTokens],
    ['cache write', cacheWriteTokens],
    ['without a price', unpriced],
  ] as const;
  const used = classes.filter(([, count]) => count !== '0');
  return used.map(([name, count]) => `${name} ${grouped(count)}`).join(' · ');
}

function writeNotes(paper: PDFKit.PDFDocument, statement: Statement): void {
  const texts = [statement.title, statement.definitionName, statement.costCenter].concat(
    statement.lines.flatMap(({ principal = '', model = '', text }) => [principal, model, text]),
  );
  const notes = [
    `Amounts are exact to 0.000000000001 USD; cents are rounded so that lines add up to the total and all statements of the month to the bill after discounts. Exact: ${formatUsd(parsePicoUsd(statement.total.usd))} USD.`,
    'Months are of UTC. Prices are means after discounts.',
    ...(texts.some((text) => latinText(text) !== text)
      ? [
          'Letters that this file cannot show are written without their marks or as their numbers, such as [U+4E2D]; CSV and JSON have all names as they are.',
        ]
      : []),
    ...(statement.lines.some(({ quantities }) => quantities !== undefined && quantities.unpriced !== '0')
      ? ['What has no price is listed and costs nothing here.']
      : []),
  ];
  paper.moveDown(1);
  paper.font('Helvetica', 7).fillColor(SOFT_INK);
  paper.text(notes.join(' '), paper.page.margins.left, paper.y, { width: widthOf(paper) });
}

function writeFeet(paper: PDFKit.PDFDocument, statement: Statement): void {
  const { start, count } = paper.bufferedPageRange();
  const { number, version } = statement;
  const fingerprint = createHash('sha256').update(JSON.stringify(statement)).digest('hex').slice(0, 16);
  for (let index = 0; index < count; index += 1) {
    paper.switchToPage(start + index);
    const y = paper.page.height - 36;
    const { left } = paper.page.margins;
    // The foot lies in the margin, where text would begin another page.
    paper.page.margins.bottom = 0;
    paper.font('Helvetica', 7).fillColor(SOFT_INK);
    paper.text(`${number} version ${version} · content ${fingerprint}`, left, y, { lineBreak: false });
    paper.text(`${index + 1} of ${count}`, left, y, { width: widthOf(paper), align: 'right', lineBreak: false });
    paper.page.margins.bottom = MARGINS.bottom;
  }
}

function widthOf({ page }: PDFKit.PDFDocument): number {
  return page.width - page.margins.left - page.margins.right;
}

function day(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

/** `1,234,567.89`. */
function grouped(number: string): string {
  const [whole = '', fraction] = number.split('.');
  const digits = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? digits : `${digits}.${fraction}`;
}
