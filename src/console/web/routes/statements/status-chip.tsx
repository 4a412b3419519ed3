import type { ReactElement } from 'react';
import { STATUS_LOOKS, type StatementStatus } from './statement-calls.ts';

export function StatusChip({ status }: { readonly status: StatementStatus }): ReactElement {
  const [look, words] = STATUS_LOOKS[status];
  return <span className={`chip ${look}`}>{words}</span>;
}
