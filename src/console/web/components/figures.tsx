import type { ReactElement } from 'react';
import { usePreferences } from '../display/preferences.ts';
import { change, compact, count, money, percent, US_DOLLARS } from '../format/amounts.ts';
import type { DecimalText } from '../format/decimal.ts';
import { Icon } from './icon.tsx';

/** Every digit is in the title. */
export function Money({ usd }: { readonly usd: DecimalText }): ReactElement {
  const { currency } = usePreferences();
  const exact = money(usd, { ...US_DOLLARS, precision: 'exact' });
  return (
    <span className="money" title={`${exact} (USD, exact)`}>
      {money(usd, currency)}
    </span>
  );
}

/** A count of tokens or of anything else; `short` writes 1.24M and keeps the rest in the title. */
export function Count({ value, short }: { readonly value: DecimalText; readonly short?: boolean }): ReactElement {
  return (
    <span className="count" title={count(value)}>
      {short ? compact(value) : count(value)}
    </span>
  );
}

/** A share of a whole; a dash where the whole is nothing. */
export function Share({ part, whole }: { readonly part: DecimalText; readonly whole: DecimalText }): ReactElement {
  return <span className="count">{percent(part, whole) ?? '–'}</span>;
}

/**
 * What a figure did since before, in percent; in words where there was nothing before. `good` says which way is welcome: absent,
 * neither is.
 */
export function Delta(props: {
  readonly now: DecimalText;
  readonly before: DecimalText;
  readonly good?: 'up' | 'down';
}): ReactElement {
  const { currency } = usePreferences();
  const { direction, percent: ratio, difference } = change(props.now, props.before);
  const look = direction === 'same' || !props.good ? '' : direction === props.good ? 'delta-good' : 'delta-bad';
  return (
    <span className={`delta ${look}`} title={`${difference.startsWith('-') ? '' : '+'}${money(difference, currency)}`}>
      <Icon name={direction === 'up' ? 'rise' : direction === 'down' ? 'fall' : 'same'} size={13} />
      {ratio ?? (direction === 'same' ? 'unchanged' : 'new')}
    </span>
  );
}
