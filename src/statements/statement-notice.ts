import { nameUuid } from '../kernel/name-uuid.ts';
import { type Notice, type NoticeAddress, oneLine } from '../kernel/notice.ts';
import type { Statement } from './statement.ts';
import { detailOf, type StatementDefinition } from './statement-definition.ts';
import { fileName, type StatementFormat } from './statement-file.ts';

/** Everybody who gets the statements of a value, each once. */
export function recipientsOf(value: string, definition: StatementDefinition): NoticeAddress[] {
  const all = [...(detailOf(value, definition)?.recipients ?? []), ...definition.recipients];
  return all.filter((one, index) => all.findIndex((other) => isSame(one, other)) === index);
}

export function isSame(one: NoticeAddress, other: NoticeAddress): boolean {
  return one.type === other.type && one.address === other.address;
}

/** `attempt`: how often the version was handed to the outbox for the address; the same notice for the same attempt. */
export function statementNotice(
  statement: Statement,
  address: NoticeAddress,
  attempt: number,
  accountId: string,
): Notice {
  const { number, version, period, title, kind, total, month, corrections, dueAtMs, definitionName } = statement;
  const whose = oneLine(title) || 'what has no value';
  const due = new Date(dueAtMs).toISOString().slice(0, 10);
  const again = version > 1 ? `It replaces version ${version - 1}.` : '';
  return {
    id: nameUuid('statement', number, version, address.type, address.address, attempt),
    accountId,
    address,
    subject: `Statement ${number}: inference in ${period}, ${whose}, ${total.amount} USD`,
    text: [
      `The ${kind} statement ${number} (version ${version}, ${definitionName}) of ${whose} for ${period}:`,
      '',
      `  ${period}: ${month.amount} USD`,
      `  corrections of earlier months: ${corrections.amount} USD`,
      `  total: ${total.amount} USD`,
      '',
      kind === 'chargeback' ? `Due on ${due}. Approve or dispute it by then.` : `Approve or dispute it by ${due}.`,
      ...(again === '' ? [] : [again]),
    ].join('\n'),
    facts: {
      ...{ type: 'statement', number, version, kind, period, value: statement.value, title, definitionName },
      ...{ monthUsd: month.amount, correctionsUsd: corrections.amount, totalUsd: total.amount, dueDate: due },
      costCenter: statement.costCenter,
    },
    attachments: (['PDF', 'CSV'] as const).map((format) => ({
      name: fileName(statement, format),
      source: `statement/${number}/${version}/${format}`,
    })),
  };
}

/** Which file an attachment of `statementNotice` is. Undefined for the source of another. */
export function readSource(
  source: string,
): { readonly number: string; readonly version: number; readonly format: StatementFormat } | undefined {
  const [, number, version, format] = /^statement\/([^/]+)\/(\d+)\/(PDF|CSV|JSON)$/.exec(source) ?? [];
  if (number === undefined) return undefined;
  return { number, version: Number(version), format: format as StatementFormat };
}
