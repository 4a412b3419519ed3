import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createCommand, draftOf, emptyDraft, exportOf } from './export-draft.ts';

const draft = {
  ...emptyDraft('us-east-1'),
  ...{ name: 'llm', table: 'COST_AND_USAGE_REPORT', columns: ['line_item_iam_principal', 'tags'] },
  properties: { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' },
};

describe('an export that is made by hand', () => {
  it('comes back as it was made', () => {
    expect(draftOf(exportOf(draft))).toEqual({ ...draft, statement: exportOf(draft).DataQuery.QueryStatement });
  });

  it('keeps a statement that says more than columns as it is', () => {
    const statement = "SELECT tags FROM COST_AND_USAGE_REPORT WHERE line_item_usage_type <> 'x'";
    const found = draftOf(exportOf({ ...draft, columns: undefined, statement }));
    expect([found.columns, found.statement]).toEqual([undefined, statement]);
  });

  it('is the same as the command says, whatever quotes are in it', () => {
    const statement = "SELECT tags FROM COST_AND_USAGE_REPORT WHERE line_item_usage_type = 'it''s'";
    const command = createCommand({ ...draft, columns: undefined, statement }, 'http://127.0.0.1:1');
    const words = execFileSync('/bin/sh', ['-c', command.replace(/^aws /, "printf '%s\\0' ")], { encoding: 'utf8' });
    const [service, operation, ...rest] = words.split('\0');
    expect([service, operation]).toEqual(['bcm-data-exports', 'create-export']);
    const given = JSON.parse(rest[rest.indexOf('--export') + 1]!);
    expect(given).toEqual(exportOf({ ...draft, columns: undefined, statement }));
  });
});
