import { describe, expect, it } from 'vitest';
import { parsePicoUsd } from '../kernel/money.ts';
import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { WANTED_COLUMNS } from './bill-doctor/remedies.ts';
import { type BillHead, type BillProfile, examineBill, examineHead, exportRemedy } from './bill-doctor.ts';

const COMPLETE: BillProfile = {
  format: 'cur2',
  columns: WANTED_COLUMNS,
  exportArn: 'arn:aws:bcm-data-exports:us-east-1:123456789012:export/bedrock-1',
  rows: 1000,
  costPicoUsd: parsePicoUsd('110'),
  inferencePicoUsd: parsePicoUsd('100'),
  withoutPrincipalPicoUsd: 0n,
  principals: 12,
  topPrincipal: 'arn:aws:sts::123456789012:assumed-role/Gateway/i-1',
  topPrincipalPicoUsd: parsePicoUsd('20'),
  tagKeys: ['iamPrincipal/team'],
  resources: 3,
  grainMs: HOUR_MS,
  firstMs: Date.UTC(2026, 4, 1),
  lastMs: Date.UTC(2026, 5, 1),
};

/** The same before its rows are read. */
const HEAD: BillHead = {
  ...{ format: COMPLETE.format, columns: COMPLETE.columns, exportArn: COMPLETE.exportArn!, emptyColumns: [] },
  grainMs: HOUR_MS,
};

const without = (...columns: readonly string[]) => WANTED_COLUMNS.filter((name) => !columns.includes(name));
const codes = (profile: Partial<BillProfile>) => examineBill({ ...COMPLETE, ...profile }).map(({ code }) => code);

it('says nothing of a bill that answers everything', () => {
  expect(examineBill(COMPLETE)).toEqual([]);
  expect(exportRemedy(HEAD)).toBeUndefined();
  expect(examineHead(HEAD)).toEqual([]);
});

describe('what is missing', () => {
  it.each<[string, Partial<BillProfile>, string[]]>([
    [
      'callers that are not asked for',
      { columns: without('line_item_iam_principal'), principals: 0 },
      ['no_principal_column'],
    ],
    [
      'callers that nobody has',
      { principals: 0, withoutPrincipalPicoUsd: parsePicoUsd('100'), topPrincipalPicoUsd: 0n },
      ['no_principals'],
    ],
    ['callers of a part', { withoutPrincipalPicoUsd: parsePicoUsd('7.4') }, ['some_without_principal']],
    [
      'time before there were callers',
      { firstMs: Date.UTC(2026, 2, 1), lastMs: Date.UTC(2026, 3, 1) },
      ['before_principals'],
    ],
    ['a gateway with one role', { topPrincipalPicoUsd: parsePicoUsd('93') }, ['one_identity']],
    ['tags', { columns: without('tags'), tagKeys: [] }, ['no_tag_column']],
    ['tags as they are written', { columns: [...without('tags'), 'resource_tags'] }, ['normalised_tags']],
    ['tags of callers', { tagKeys: ['resourceTags/app'] }, ['no_principal_tags']],
    ['resources', { columns: without('line_item_resource_id'), resources: 0 }, ['no_resources']],
    ['hours', { grainMs: DAY_MS }, ['coarse_grain']],
    ['net costs', { columns: without('line_item_net_unblended_cost') }, ['no_net_cost']],
    ['the kind of charge', { columns: without('line_item_line_item_type') }, ['no_line_type']],
    ['a report that cannot have callers', { format: 'cur1', columns: ['lineItem/UnblendedCost'] }, ['legacy_report']],
    [
      'callers in FOCUS',
      { format: 'focus', columns: ['BilledCost', 'Tags'], principals: 0, tagKeys: [] },
      ['focus_without_principals'],
    ],
  ])('names %s', (_, profile, expected) => {
    expect(codes(profile)).toEqual(expected);
  });

  it('is told in words, with the share that it costs', () => {
    const [finding] = examineBill({ ...COMPLETE, topPrincipalPicoUsd: parsePicoUsd('93.2') });
    expect(finding?.text).toBe(
      'no answer by person: one identity, `arn:aws:sts::123456789012:assumed-role/Gateway/i-1`, has 93 % of the spend',
    );
    const [anonymous] = examineBill({ ...COMPLETE, withoutPrincipalPicoUsd: parsePicoUsd('99.99') });
    expect(anonymous?.text).toMatch(/^> 99 % of the spend/);
  });

  it('comes with questions that stay open before coarser answers', () => {
    expect(codes({ grainMs: 31 * DAY_MS, columns: without('tags', 'product') })).toEqual([
      ...['no_tag_column', 'coarse_grain', 'no_product_map'],
    ]);
  });
});

describe('what turns it on', () => {
  it('is one change of the export that wrote the files', () => {
    const lacking = { columns: without('line_item_iam_principal', 'tags'), grainMs: DAY_MS };
    expect(exportRemedy({ ...HEAD, ...lacking })?.commands).toEqual([
      `aws bcm-data-exports get-export --export-arn ${COMPLETE.exportArn} --query Export > export.json`,
      `jq '.DataQuery.TableConfigurations.COST_AND_USAGE_REPORT.INCLUDE_IAM_PRINCIPAL_DATA = "TRUE" | ` +
        `.DataQuery.TableConfigurations.COST_AND_USAGE_REPORT.TIME_GRANULARITY = "HOURLY" | ` +
        `.DataQuery.QueryStatement |= sub(" FROM "; ", line_item_iam_principal, tags FROM ")' export.json > changed.json`,
      `aws bcm-data-exports update-export --export-arn ${COMPLETE.exportArn} --export file://changed.json`,
    ]);
  });

  it('is what fills a column that is there and empty', () => {
    const head = { ...HEAD, emptyColumns: ['line_item_iam_principal', 'line_item_resource_id', 'bill_invoice_id'] };
    expect(examineHead(head).map(({ code }) => code)).toEqual(['no_principals', 'no_resources']);
    expect(exportRemedy(head)?.commands[1]).toBe(
      `jq '.DataQuery.TableConfigurations.COST_AND_USAGE_REPORT.INCLUDE_IAM_PRINCIPAL_DATA = "TRUE" | ` +
        `.DataQuery.TableConfigurations.COST_AND_USAGE_REPORT.INCLUDE_RESOURCES = "TRUE"' export.json > changed.json`,
    );
  });

  it('is an export of CUR 2.0 beside what has no callers', () => {
    const command = exportRemedy({ ...HEAD, format: 'focus', columns: ['BilledCost'] })?.commands[0] ?? '';
    const [, json = ''] = /--export '(.+)'$/.exec(command) ?? [];
    expect(JSON.parse(json)).toMatchObject({
      DataQuery: { TableConfigurations: { COST_AND_USAGE_REPORT: { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' } } },
    });
  });

  it('is the activation of tags', () => {
    const [finding] = examineBill({ ...COMPLETE, tagKeys: [] });
    expect(finding?.remedy?.commands.at(-1)).toBe(
      'aws ce update-cost-allocation-tags-status --cost-allocation-tags-status TagKey=iamPrincipal/team,Status=Active',
    );
  });
});
