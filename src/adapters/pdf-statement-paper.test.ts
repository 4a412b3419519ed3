import { describe, expect, it } from 'vitest';
import { pdfPages, pdfText } from '../../test/wire/pdf-text.ts';
import type { Statement, StatementLine } from '../statements/statement.ts';
import { latinText } from './pdf-statement-paper/latin-text.ts';
import { PdfStatementPaper } from './pdf-statement-paper.ts';

const usage = (principal: string): StatementLine => ({
  ...{ kind: 'usage', text: '', principal, model: 'anthropic.claude-sonnet-4-6' },
  quantities: {
    ...{ tokens: '1234567', inputTokens: '1234567', outputTokens: '0', cacheReadTokens: '0', cacheWriteTokens: '0' },
    ...{ requests: '12', unpriced: '0', perMillionUsd: '3.3' },
  },
  ...{ listUsd: '4.0740711', costUsd: '4.0740711', netUsd: '4.0740711', amount: '4.07' },
});
const statement = (lines: readonly StatementLine[], more: Partial<Statement> = {}): Statement => ({
  ...{ number: 'SHB-2026-0001', version: 1, definitionId: 'd', definitionName: 'Teams', kind: 'showback' },
  ...{ key: { tag: 'iamPrincipal/team' }, paper: 'A4', title: 'search', costCenter: '', debitAccount: '' },
  ...{ issuedAtMs: Date.UTC(2026, 10, 3), issuedBy: 'arn', dueAtMs: Date.UTC(2026, 11, 3), isFinal: false },
  ...{ bill: { usd: '1000', amount: '1000.00' }, period: '2026-10', value: 'search', lines },
  ...{ month: { usd: '4.0740711', amount: '4.07' }, corrections: { usd: '0', amount: '0.00' } },
  ...{ total: { usd: '4.0740711', amount: '4.07' }, ...more },
});
const write = (one: Statement) => new PdfStatementPaper().write(one);

describe('a statement as PDF', () => {
  it('has the titles of its table and its place on every page, and the same bytes each time', async () => {
    const long = statement(
      Array.from({ length: 120 }, (_, index) => usage(`arn:aws:iam::123456789012:user/u${index}`)),
    );
    const pdf = await write(long);
    const pages = pdfPages(pdf);
    const lines = pdfText(pdf).split('\n');
    expect(pages).toBeGreaterThan(3);
    expect(lines.filter((line) => line === 'Who and what')).toHaveLength(pages);
    for (let page = 1; page <= pages; page += 1) expect(lines).toContain(`${page} of ${pages}`);
    expect(lines).toContain('arn:aws:iam::123456789012:user/u119');
    expect(Buffer.from(await write(long)).equals(pdf)).toBe(true);
    const other = statement(long.lines, { version: 2 });
    expect(Buffer.from(await write(other)).equals(pdf)).toBe(false);
  });

  it('breaks long names instead of cutting them, on Letter as well', async () => {
    const name = `arn:aws:sts::123456789012:assumed-role/${'a'.repeat(64)}/${'b'.repeat(64)}`;
    const pdf = await write(statement([usage(name)], { paper: 'LETTER' }));
    expect(pdfText(pdf).replaceAll('\n', '')).toContain(name);
  });

  it('says that the month is an estimate, and what the lines add up to', async () => {
    const text = pdfText(await write(statement([usage('p')])));
    for (const part of ['2026-10, an estimate', 'Total 4.07 USD', '1,234,567', '3.3000', '1,000.00 USD'])
      expect(text).toContain(part);
  });

  it('writes what its fonts lack without marks or as numbers, and says so', async () => {
    expect(latinText('Zoë Müller – €5')).toBe('Zoë Müller – €5');
    expect(latinText('Łukasz Dvořák 検\u202e')).toBe('[U+0141]ukasz Dvorák [U+691C][U+202E]');
    const said = 'Letters that this file cannot show';
    const asOneLine = async (one: Statement) => pdfText(await write(one)).replaceAll('\n', ' ');
    expect(await asOneLine(statement([usage('Dvořák')]))).toContain(said);
    expect(await asOneLine(statement([usage('Zoë')]))).not.toContain(said);
  });
});
