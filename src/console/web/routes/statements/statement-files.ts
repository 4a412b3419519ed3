import { csvOf, saveFile } from '../../components/download.ts';
import { INVOICE_PARTS } from './invoice-columns.tsx';
import type { Share, StatementGroup } from './statement.ts';
import { keyName, type StatementKey } from './use-statements.ts';

interface Statement {
  readonly period: string;
  readonly by: StatementKey;
  readonly share: Share;
  readonly groups: readonly StatementGroup[];
  readonly isFinal: boolean;
}

/** Hands a statement over with every digit. */
export function saveStatement(statement: Statement, kind: 'csv' | 'json'): void {
  const { period, by, share } = statement;
  const name = `statement-${period}-${keyName(by)}-${share.value || 'none'}.${kind}`.replace(/[^\w.-]+/g, '-');
  const [text, type] = kind === 'csv' ? [csvText(statement), 'text/csv'] : [jsonText(statement), 'application/json'];
  saveFile(name, new Blob([text], { type }));
}

function csvText({ period, by, share, groups }: Statement): string {
  const of = [period, keyName(by), share.value];
  const lines = groups.flatMap(({ principal, lines: own }) =>
    own.map(({ model, kind, tokens, pricePerMillionUsd = '', amountUsd }) => {
      return [...of, principal, model, kind, tokens, pricePerMillionUsd, amountUsd];
    }),
  );
  return csvOf([
    ['billing period', 'key', 'value', 'principal', 'model', 'kind', 'tokens', 'usd per million', 'amount usd'],
    ...lines,
    [...of, '', '', 'total', share.tokens, '', share.TotalUsd],
  ]);
}

function jsonText({ period, by, share, groups, isFinal }: Statement): string {
  const parts = Object.fromEntries(INVOICE_PARTS.map(([member]) => [member, share[member]]));
  const document = {
    billingPeriod: period,
    ...{ key: keyName(by), value: share.value, state: isFinal ? 'final' : 'estimate' },
    ...{ ...parts, TotalUsd: share.TotalUsd, tokens: share.tokens, principals: groups },
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}
