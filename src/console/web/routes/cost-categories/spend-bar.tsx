import type { ReactElement } from 'react';
import { Swatch } from '../../components/name-badge.tsx';
import { usePreferences } from '../../display/preferences.ts';
import { money, percent } from '../../format/amounts.ts';
import { add, compare, divide, isZero, multiply } from '../../format/decimal.ts';
import { colourIndexesOf } from '../../format/name-colour.ts';
import type { ValueSpend } from './category-calls.ts';
import './spend-bar.css';

/** How spend falls to values, as one bar; the largest are named below it. */
export function SpendBar({ spend }: { readonly spend: readonly ValueSpend[] }): ReactElement {
  const { currency } = usePreferences();
  const positive = spend.filter(({ costUsd }) => compare(costUsd, 0) > 0).sort((a, b) => compare(b.costUsd, a.costUsd));
  const total = add('0', ...positive.map(({ costUsd }) => costUsd));
  if (isZero(total)) return <span className="faint">no spend in this range</span>;
  const colours = colourIndexesOf(positive.map(({ value }) => value));
  const colourOf = (value: string, index: number) =>
    value === '' ? '--untagged' : `--name-${(colours[index] ?? 0) + 1}`;
  const words = positive.map(
    ({ value, costUsd }) => `${value || 'no value'}: ${money(costUsd, currency)}, ${percent(costUsd, total)}`,
  );
  return (
    <span className="spend-bar">
      <span className="spend-bar-track" role="img" aria-label={words.join('; ')} title={words.join('\n')}>
        {positive.map(({ value, costUsd }, index) => (
          <span
            key={value}
            style={{
              width: `${multiply(divide(costUsd, total, 6)!, 100)}%`,
              background: `var(${colourOf(value, index)})`,
            }}
          />
        ))}
      </span>
      <span className="spend-bar-names">
        {positive.slice(0, 4).map(({ value, costUsd }, index) => (
          <span key={value}>
            <Swatch colour={colourOf(value, index)} round /> {value || 'no value'} <b>{percent(costUsd, total, 0)}</b>
          </span>
        ))}
        {positive.length > 4 && <span className="faint">{`and ${positive.length - 4} more`}</span>}
      </span>
    </span>
  );
}
