import { describe, expect, it } from 'vitest';
import { formatCsv, formatTable } from './table.ts';

const COLUMNS = [
  { title: 'principal', align: 'left' },
  { title: 'cost', align: 'right' },
] as const;

describe('formatTable', () => {
  it('aligns by code points and leaves no trailing spaces', () => {
    expect(
      formatTable(COLUMNS, [
        ['Zoë 🚀', '1.5'],
        ['bob', '12'],
      ]),
    ).toBe(['principal  cost', '---------  ----', 'Zoë 🚀       1.5', 'bob          12'].join('\n'));
  });

  it('shows what would steer the terminal instead of doing it', () => {
    const [, , row] = formatTable(COLUMNS, [['\u001b[2Ja\r\nb\u009b\u202e', '1']]).split('\n');
    expect(row).toBe('\\u001b[2Ja\\u000d\\u000ab\\u009b\\u202e     1');
  });
});

describe('formatCsv', () => {
  it('quotes as RFC 4180 says', () => {
    expect(formatCsv(COLUMNS, [['a,b "c"\nd', '1']])).toBe('principal,cost\r\n"a,b ""c""\nd",1');
  });

  it('takes the teeth out of cells that a spreadsheet would run, and leaves negative amounts alone', () => {
    const csv = formatCsv(COLUMNS, [
      ['=HYPERLINK("x")', '-1.5'],
      ['@cmd', '+1'],
      ['-cmd', '-.5'],
      ['-', ''],
    ]);
    expect(csv.split('\r\n').slice(1)).toEqual([`"'=HYPERLINK(""x"")",-1.5`, `'@cmd,'+1`, `'-cmd,-.5`, '-,']);
  });
});
