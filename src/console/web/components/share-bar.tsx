import type { ReactElement } from 'react';
import { percent } from '../format/amounts.ts';
import { type DecimalText, divide, isZero, multiply } from '../format/decimal.ts';
import './share-bar.css';

/** A share of a whole as a bar, with its percentage beside it. */
export function ShareBar(props: { readonly part: DecimalText; readonly whole: DecimalText }): ReactElement {
  const { part, whole } = props;
  if (isZero(whole)) return <span className="faint">–</span>;
  return (
    <span className="share-bar">
      <span className="share-bar-track" aria-hidden="true">
        <span style={{ width: `${multiply(divide(part, whole, 6)!, 100)}%` }} />
      </span>
      <span className="count">{percent(part, whole)}</span>
    </span>
  );
}
