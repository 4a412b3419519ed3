import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PRINCIPAL_SQL, type PrincipalName, readPrincipal } from '../../src/kernel/principal-name.ts';
import { billFormatOf } from '../../src/reports/bill-columns.ts';
import { type ProfileRow, profileSql, readProfile } from '../../src/reports/bill-doctor.ts';
import { quotedName } from '../../src/reports/bill-row.ts';
import {
  prefixedTags,
  prefixedTagsSql,
  type TagForm,
  unnormalisedKey,
  unnormalisedKeySql,
} from '../../src/reports/bill-tags.ts';
import { sqlText } from '../../src/reports/sql-text.ts';
import { type ChDb, openChDb } from '../cur/chdb.ts';

let db: ChDb;
beforeAll(() => {
  db = openChDb(mkdtempSync(join(tmpdir(), 'bill-rows-')));
});
afterAll(() => db.close());

function vectors<T>(name: string): readonly T[] {
  const text = readFileSync(new URL(`../vectors/bill/${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}

const asMap = (entries: Readonly<Record<string, string>>) =>
  `CAST(map(${Object.entries(entries).flat().map(sqlText).join(', ')}), 'Map(String, String)')`;

/** One row for each expression, asked at once. */
async function valuesOf(expressions: readonly string[]): Promise<unknown[]> {
  const rows = await db.query(expressions.map((sql, at) => `SELECT ${at} AS at, ${sql} AS value`).join(' UNION ALL '));
  return rows.toSorted((a, b) => Number(a.at) - Number(b.at)).map(({ value }) => value);
}

interface TagCase {
  readonly what: string;
  /** Absent: `prefixed`. */
  readonly form?: TagForm;
  readonly tags: Record<string, string>;
  readonly principalArn: string;
  readonly resourceArn: string;
  readonly prefixed: Record<string, string>;
}

describe('tags of a row', () => {
  const cases = vectors<TagCase>('tags');

  it.each(cases)('$what', ({ tags, prefixed, form = 'prefixed', ...bearer }) => {
    expect(Object.fromEntries(prefixedTags(new Map(Object.entries(tags)), bearer, form))).toEqual(prefixed);
  });

  it.each(['prefixed', 'bare'] as const)('are the same in SQL, of these rows and of any: %s', async (form) => {
    const key = fc.oneof(
      fc.constantFrom('team', 'user:team', 'resourceTags/team', 'resourceTags/user:team', 'iamPrincipal/team', 'aws:x'),
      fc.constantFrom("it's", 'accountTag/a', 'resourceTags/aws:createdBy', 'costCategory/c', 'user:', ''),
    );
    const row = fc.record({
      tags: fc.dictionary(key, fc.constantFrom('', 'a', 'b'), { maxKeys: 4 }),
      principalArn: fc.constantFrom(...cases.map(({ principalArn }) => principalArn)),
      resourceArn: fc.constantFrom(...cases.map(({ resourceArn }) => resourceArn)),
    });
    // Two forms of one key on one row have no order in a map.
    const isPlain = ({
      tags,
      ...bearer
    }: {
      tags: Record<string, string>;
      principalArn: string;
      resourceArn: string;
    }) => {
      const found = Object.entries(tags).filter(([, value]) => value !== '');
      return prefixedTags(new Map(found), bearer, form).size === found.length;
    };
    const rows = [...cases, ...fc.sample(row, 400).filter(isPlain)];
    const list = rows.map(
      ({ tags, principalArn, resourceArn }, at) =>
        `SELECT ${at} AS at, ${asMap(tags)} AS tags, ${sqlText(principalArn)} AS who, ${sqlText(resourceArn)} AS what`,
    );
    const read = prefixedTagsSql('tags', { principalArn: 'who', resourceArn: 'what' }, form);
    const found = await db.query(`SELECT at, ${read} AS prefixed FROM (${list.join(' UNION ALL ')}) ORDER BY at`);
    const values = found.map(({ prefixed }) => prefixed);
    expect(values).toEqual(
      rows.map(({ tags, ...bearer }) => Object.fromEntries(prefixedTags(new Map(Object.entries(tags)), bearer, form))),
    );
  });

  it('have their keys back as far as normalised ones tell', async () => {
    const keys = ['user_cost_center', 'aws_created_by', 'aws_cloudformation_stack_name', 'team', 'users'];
    expect(keys.map(unnormalisedKey)).toEqual([
      ...['user:cost_center', 'aws:createdBy', 'aws:cloudformation_stack_name', 'team', 'users'],
    ]);
    expect(await valuesOf(keys.map((key) => unnormalisedKeySql(sqlText(key))))).toEqual(keys.map(unnormalisedKey));
  });
});

it('principals are read alike in SQL', async () => {
  const cases = vectors<{ arn: string; name: PrincipalName }>('principals');
  const values = await valuesOf(
    cases.map(({ arn }) => `tuple(${PRINCIPAL_SQL.role(sqlText(arn))}, ${PRINCIPAL_SQL.session(sqlText(arn))})`),
  );
  const expected = cases.map(({ arn }) => readPrincipal(arn)).map(({ role, session }) => [role, session]);
  expect(values).toEqual(expected);
});

interface RowCase {
  readonly what: string;
  readonly format: string;
  /** As a CSV has them; maps as objects. */
  readonly columns: Record<string, string | number | Record<string, string> | null>;
  readonly row: Record<string, unknown>;
}

describe('rows of each format', () => {
  it.each(vectors<RowCase>('rows'))('$what', async ({ format: title, columns, row }) => {
    const names = Object.keys(columns);
    const format = billFormatOf(names)!;
    expect(format.title).toBe(title);
    const read = names.filter((name) => format.kindOf(name) !== undefined);
    const landed = read.map((name) => `${literal(columns[name]!, format.kindOf(name)!)} AS ${quotedName(name)}`);
    const has = (name: string) => read.includes(name);
    const found = (name: string, absent: string) => (has(name) ? quotedName(name) : absent);
    const expressions = format.row({
      has,
      names: read,
      text: (...texts) => found(texts.find(has) ?? '', "''"),
      number: (name) => found(name, "CAST(NULL, 'Nullable(Float64)')"),
      instant: (name) => found(name, "toDateTime(0, 'UTC')"),
      textMap: (name) => found(name, "CAST(map(), 'Map(String, String)')"),
      numberMap: (name) => found(name, "CAST(map(), 'Map(String, Float64)')"),
    });
    const select = Object.entries(expressions).map(([name, sql]) => `${sql} AS out_${name}`);
    const [values = {}] = await db.query(`SELECT ${select.join(', ')} FROM (SELECT ${landed.join(', ')})`);
    const given = Object.fromEntries(Object.entries(values).map(([name, value]) => [name.slice('out_'.length), value]));
    expect(given).toMatchObject(row);
  });
});

function literal(value: NonNullable<RowCase['columns'][string]>, kind: string): string {
  if (kind === 'instant') return `toDateTime(${sqlText(String(value))}, 'UTC')`;
  if (kind === 'number') return `CAST(${value}, 'Nullable(Float64)')`;
  if (typeof value !== 'object') return sqlText(String(value));
  const entries = Object.entries(value).map(
    ([key, item]) => `${sqlText(key)}, ${kind === 'numberMap' ? item : sqlText(item)}`,
  );
  return `CAST(map(${entries.join(', ')}), 'Map(String, ${kind === 'numberMap' ? 'Float64' : 'String'})')`;
}

it('the profile of a bill is one query over its rows', async () => {
  const hours = (from: number, to: number) =>
    `toDateTime('2026-05-02 0${from}:00:00', 'UTC') AS usage_start, toDateTime('2026-05-02 0${to}:00:00', 'UTC') AS usage_end`;
  const row = (who: string, usd: number, what: string, tags: Record<string, string>, time: string) =>
    `SELECT ${sqlText(who)} AS principal_arn, CAST(${usd}, 'Nullable(Float64)') AS unblended_cost, ${sqlText(what)} AS usage_type,
      '' AS operation, ${asMap(tags)} AS tags, ${who === '' ? "''" : "'arn:x'"} AS resource_id, ${time}`;
  const rows = [
    row('alice', 1.5, 'USE1-NovaLite-input-tokens', { 'iamPrincipal/team': 'ds' }, hours(3, 4)),
    row('bob', 2.25, 'USE1-NovaLite-output-tokens', {}, hours(4, 5)),
    row('', 0.25, 'USE1-NovaLite-output-tokens', { 'accountTag/env': 'prod' }, hours(4, 5)),
    row('', 7, 'USE1-Runtime:Consumption-based:vCPU', {}, hours(1, 2)),
  ];
  const [found] = await db.query(profileSql(`(${rows.join(' UNION ALL ')})`));
  expect(readProfile(found as unknown as ProfileRow, { format: 'cur2', columns: [] })).toEqual({
    ...{ format: 'cur2', columns: [], rows: 4, principals: 2, resources: 1, grainMs: 3_600_000 },
    ...{ costPicoUsd: 11_000_000_000_000n, inferencePicoUsd: 4_000_000_000_000n },
    ...{ withoutPrincipalPicoUsd: 250_000_000_000n, topPrincipal: 'bob', topPrincipalPicoUsd: 2_250_000_000_000n },
    tagKeys: ['accountTag/env', 'iamPrincipal/team'],
    firstMs: Date.UTC(2026, 4, 2, 1),
    lastMs: Date.UTC(2026, 4, 2, 5),
  });
});
