import type { Grain } from '../comparison.ts';
import { NAME_TABLE, WORK_TABLE } from '../reconciliation-schema.ts';
import { TERMS } from './book-rows.ts';
import { DONE, WORK_INSERT } from './exact-step.ts';
import { pairOutcomes, wholeOutcome } from './outcome-sql.ts';

/** A step that pairs what is left of both sides where they agree in fewer keys. */
interface LooserStep {
  /** Expressions over the rows that are left, in which both sides have to agree. */
  readonly by: readonly string[];
  /** Expression of the code of what agrees, over the columns of `insertPaired`. With `pairs: 'terms'` of all there is. */
  readonly code: string;
  /** What the ledger has and the bill does not, over its rows. */
  readonly other: string;
  /**
   * `part`: what one side has beyond the other is left. `whole`: one principal of the bill has exactly what the ledger has;
   * else the step would pair what has nothing to do with each other. `terms`: likewise, and prices may be others.
   */
  readonly pairs: 'part' | 'whole' | 'terms';
  /** Rows of the bill that take part. Absent: all. */
  readonly ofBill?: string;
  /** What is left over has a counterpart: it is another quantity, and nothing that is missing. */
  readonly leavesPaired: boolean;
}

const PRINCIPAL = 'toString(principal_arn)';
const ROLE = `replaceRegexpOne(${PRINCIPAL}, '^(.*:assumed-role/[^/]+)/.*$', '\\\\1')`;
const TERM_TEXT = `concat(route, ' ', tier, ' ', context, if(is_batch, ' batch', ''), ' ', region)`;
const WHAT = ['model_id', 'meter', ...TERMS];
/** Windows that overlap by half, so that neighbours on both sides of a boundary meet in one of them. */
const WINDOWS: Readonly<Record<Grain, readonly string[]>> = {
  HOUR: ['intDiv(toUnixTimestamp(at), 86400)', 'intDiv(toUnixTimestamp(at) + 43200, 86400)'],
  DAY: ['intDiv(toUnixTimestamp(at), 172800)', 'intDiv(toUnixTimestamp(at) + 86400, 172800)'],
  MONTH: [],
};

/** In the order of precedence. */
function looserSteps(grain: Grain): LooserStep[] {
  const identity = { code: "'IDENTITY_COLLAPSED'", other: PRINCIPAL, leavesPaired: true } as const;
  return [
    {
      by: ['at', 'account_id', PRINCIPAL, ...WHAT],
      ...{ code: "'TAGS_DIFFERENT'", other: "''", pairs: 'part', leavesPaired: true },
    },
    ...WINDOWS[grain].map(
      (window): LooserStep => ({
        by: [window, 'account_id', PRINCIPAL, ...WHAT],
        ...{ code: "'LATE'", pairs: 'part', leavesPaired: false },
        other: "concat('used from ', formatDateTime(at, '%Y-%m-%dT%H:%iZ'))",
      }),
    ),
    {
      by: ['at', 'account_id', ROLE, ...WHAT],
      ...identity,
      // A role that had one session is that session.
      code: `if(match(bill_principal, ':assumed-role/[^/]+$') AND ledger_principals = 1, 'MATCHED', 'IDENTITY_COLLAPSED')`,
      pairs: 'part',
    },
    {
      by: ['at', ...WHAT],
      ...{ ...identity, pairs: 'part' },
      ofBill: `principal_arn = ''
        OR ${PRINCIPAL} IN (SELECT change.2 FROM ${NAME_TABLE} ARRAY JOIN changes AS change WHERE change.3 = 1)`,
    },
    { by: ['at', ...WHAT], ...{ ...identity, pairs: 'whole' } },
    {
      by: ['at', 'account_id', PRINCIPAL, 'model_id', 'meter'],
      code: "if(bill_pico = ledger_pico, 'MATCHED', 'PRICE_DIFFERENCE')",
      ...{ other: TERM_TEXT, pairs: 'terms', leavesPaired: true },
    },
  ];
}

/** Stage of what the first looser step is to look at. */
export const FIRST_LOOSER_STAGE = 3;

/** The statements of each step: what it pairs, and what it leaves to the next, whose stage is one higher. */
export function looserStatements(grain: Grain): string[][] {
  return looserSteps(grain).map((step, index) => {
    const stage = FIRST_LOOSER_STAGE + index;
    const isPaired = pairedCondition(step, `stage = ${stage} AND code = ''`);
    return [insertPaired(step, stage, isPaired), passOn(stage, isPaired)];
  });
}

function pairedCondition({ by, pairs, ofBill }: LooserStep, here: string): string {
  const keys = by.join(', ');
  const named = by.map((sql, index) => `${sql} AS by${index}`).join(', ');
  const names = by.map((_, index) => `by${index}`).join(', ');
  if (pairs === 'part') {
    const takesPart = ofBill === undefined ? '1' : `(bill_quantity = 0 OR ${ofBill})`;
    return `(${takesPart} AND (${keys}) IN (
    SELECT ${named} FROM ${WORK_TABLE} WHERE ${here} AND ${takesPart}
    GROUP BY ${names} HAVING sum(bill_quantity) > 0 AND sum(ledger_quantity) > 0))`;
  }
  const found = (columns: string) => `SELECT ${columns} FROM (
      SELECT ${named}, sum(ledger_quantity) AS wanted, sumMapIf([${PRINCIPAL}], [bill_quantity], bill_quantity > 0) AS found
      FROM ${WORK_TABLE} WHERE ${here} GROUP BY ${names} HAVING wanted > 0 AND has(found.2, wanted))`;
  return `(((bill_quantity > 0) AND (${keys}, ${PRINCIPAL}) IN (${found(`${names}, found.1[indexOf(found.2, wanted)]`)}))
    OR ((bill_quantity = 0) AND (${keys}) IN (${found(names)})))`;
}

/** Columns that are told from the rows of one side. */
const OF_SIDES = ['at', 'account_id', 'principal_arn', ...WHAT, 'usage_type'] as const;

function insertPaired({ by, code, other, pairs, leavesPaired }: LooserStep, stage: number, isPaired: string): string {
  const isOfLedger = "(part.1 = '' AND part.4 > 0)";
  const either = OF_SIDES.map((name) => {
    // Where neither side is left alone the bill names who, and the ledger says when.
    return name === 'at'
      ? `if(part.1 = '' AND part.2 > 0, bill_at, ledger_at)`
      : `if(${isOfLedger}, ledger_${name}, bill_${name})`;
  });
  const [at, account, principal, ...what] = either;
  return `INSERT INTO ${WORK_TABLE} (${WORK_INSERT.join(', ')})
SELECT {source:String}, {period:UInt32}, part.1, if(part.1 = '', ${stage + 1}, ${DONE}), ${at}, ${account}, ${principal},
  if(part.1 = '' AND part.4 = 0, [], callers_),
  if(${isOfLedger}, '', bill_tags_), if(part.1 = '' AND part.2 > 0, '', ledger_tags_), ${what.join(', ')}, if(part.1 = '', '', other_),
  part.2, part.4, part.3, part.5, ${leavesPaired ? '1' : 'is_paired_'},
  toInt128(intDiv(toInt256(list_pico) * part.2, toInt256(greatest(bill_quantity, 1))))
FROM (
  SELECT *, ${code} AS cause, ${pairs === 'terms' ? wholeOutcome('cause') : pairOutcomes('cause')} AS parts
  FROM (
    SELECT *, ${SUMS.map(([name]) => `${name}_ AS ${name}`).join(', ')}
    FROM (
    SELECT ${OF_SIDES.map((name) => `${anyOf(name, 'bill')}, ${anyOf(name, 'ledger')}`).join(',\n      ')},
      toString(bill_principal_arn) AS bill_principal, uniqExactIf(principal_arn, ledger_quantity > 0) AS ledger_principals,
      anyIf(bill_tags, bill_quantity > 0) AS bill_tags_, anyIf(ledger_tags, ledger_quantity > 0) AS ledger_tags_,
      anyIf(${other}, ledger_quantity > 0) AS other_, max(is_paired) AS is_paired_,
      arraySort(groupUniqArrayArray(10)(callers)) AS callers_, count() AS bill_rows,
      ${SUMS.map(([name, column]) => `sum(${column}) AS ${name}_`).join(', ')}
    FROM ${WORK_TABLE}
    WHERE stage = ${stage} AND code = '' AND ${isPaired}
    GROUP BY ${by.join(', ')}
    )
  )
)
ARRAY JOIN parts AS part`;
}

const SUMS = [
  ['bill_quantity', 'bill_quantity'],
  ['ledger_quantity', 'ledger_quantity'],
  ['bill_pico', 'bill_pico_usd'],
  ['ledger_pico', 'ledger_pico_usd'],
  ['list_pico', 'list_pico_usd'],
] as const;

function anyOf(name: string, side: 'bill' | 'ledger'): string {
  return `anyIf(${name}, ${side}_quantity > 0) AS ${side}_${name}`;
}

function passOn(stage: number, isPaired: string): string {
  const columns = WORK_INSERT.map((name) => (name === 'stage' ? `${stage + 1}` : name));
  return `INSERT INTO ${WORK_TABLE} (${WORK_INSERT.join(', ')})
SELECT ${columns.join(', ')} FROM ${WORK_TABLE} WHERE stage = ${stage} AND code = '' AND NOT ${isPaired}`;
}
